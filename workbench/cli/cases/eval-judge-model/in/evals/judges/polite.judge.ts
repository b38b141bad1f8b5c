import { rubric } from "workbench";

export default rubric({ judge: "judge-main", criteria: [{ id: "polite", ask: "Is the answer polite?" }] });
