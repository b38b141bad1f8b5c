import importX from "eslint-plugin-import-x";
import tseslint from "typescript-eslint";

// Who may import whom (docs/design/001-the-house.md): a module imports its own layer's listed
// neighbours and everything below, never sideways between verbs and never upwards.
const PURE = ["stats", "cost", "select", "redact"];
const GROUND = ["schema", "errors"];
const TOOLS = ["endpoint", "host", "catalog", "store"];
const VERBS = ["ingest", "curate", "train", "evaluate", "decide", "serve", "monitor", "report"];
const ALL = ["cli", "flow", ...VERBS, ...TOOLS, ...PURE, ...GROUND];

const MAY_IMPORT = {
  errors: [],
  schema: ["errors"],
  ...Object.fromEntries(PURE.map((name) => [name, ["stats", ...GROUND]])),
  store: GROUND,
  endpoint: ["store", "cost", ...GROUND],
  host: ["store", ...GROUND],
  catalog: ["store", ...GROUND],
  ...Object.fromEntries(VERBS.map((name) => [name, [...TOOLS, ...PURE, ...GROUND]])),
  flow: [...VERBS, ...TOOLS, ...PURE, ...GROUND],
  cli: ALL,
};

const walls = Object.entries(MAY_IMPORT)
  .filter(([name]) => name !== "cli")
  .map(([name, allowed]) => ({
    files: [`workbench/${name}/**/*.ts`],
    ignores: ["**/*.test.ts", "**/testing/**"],
    rules: {
      "import-x/no-restricted-paths": [
        "error",
        {
          zones: ALL.filter((other) => other !== name && !allowed.includes(other)).map((other) => ({
            target: `./workbench/${name}`,
            from: `./workbench/${other}`,
            message: `${name} may not import ${other}: see docs/design/001-the-house.md`,
          })),
        },
      ],
    },
  }));

const banned = (names, reason) => names.map((name) => ({ name, message: reason }));
const SEAM = "go through effects (workbench/store/effects.ts), so that faults can be injected";

export default tseslint.config(
  {
    ignores: [
      "node_modules",
      "dist",
      ".workbench",
      "runs",
      "reports/.observablehq",
      "reports/components/cost-model.js",
      "**/*.d.ts",
    ],
  },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    ignores: ["reports/**"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ["**/*.ts"],
    plugins: { "import-x": importX },
    settings: {
      "import-x/extensions": [".ts", ".js"],
      "import-x/resolver": { node: { extensions: [".ts", ".js"] } },
    },
    rules: {
      "import-x/no-cycle": ["error", { ignoreExternal: true }],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-unnecessary-type-parameters": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "BinaryExpression[operator='-'][left.value=1][right.type='CallExpression'][right.callee.name=/cdf/i]",
          message: "1 - cdf loses the tail: take the other tail by symmetry",
        },
        { selector: "TSEnumDeclaration", message: "no enums: Node strips types, it does not compile them" },
        {
          selector: "AssignmentExpression[left.property.name=/^(innerHTML|outerHTML)$/]",
          message: "model text is data: use textContent",
        },
      ],
    },
  },
  {
    files: ["workbench/**/*.ts"],
    ignores: ["**/*.test.ts", "**/testing/**", "workbench/store/effects.ts", "workbench/cli/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { paths: banned(["node:fs", "node:fs/promises", "node:child_process", "fs", "child_process"], SEAM) },
      ],
      "no-restricted-globals": ["error", ...banned(["fetch"], SEAM)],
      "no-restricted-properties": [
        "error",
        { object: "Date", property: "now", message: SEAM },
        { object: "Math", property: "random", message: SEAM },
      ],
    },
  },
  ...walls,
  {
    files: ["**/*.test.ts", "**/testing/**/*.ts", "scripts/**/*.ts", "evals/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
    },
  },
  {
    // Pages run in the browser and are checked there.
    files: ["reports/**/*.ts"],
    ...tseslint.configs.disableTypeChecked,
  },
);
