import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { endpointUrl, guardedLookup, isRefused } from "./address.ts";
import { secretFor } from "./secret.ts";

describe("endpointUrl", () => {
  test.each([
    ["https://api.example.com/v1/", { origin: "https://api.example.com", path: "/v1", loopback: false }],
    ["http://127.0.0.1:8000/v1", { origin: "http://127.0.0.1:8000", path: "/v1", loopback: true }],
    ["http://localhost:11434", { origin: "http://localhost:11434", path: "", loopback: true }],
    ["http://[::1]:1/", { origin: "http://[::1]:1", path: "", loopback: true }],
  ])("takes %s", (text, parts) => {
    expect(endpointUrl(text)).toEqual(parts);
  });

  test.each([
    "http://api.example.com/v1",
    "http://10.0.0.5:8000",
    "https://user:pass@api.example.com",
    "https://user@api.example.com",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "https://169.254.169.254/latest",
    "http://169.254.169.254",
    "https://[::ffff:169.254.169.254]/",
    "https://[fe80::1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://[fd00:ec2::254]/",
    "https://0.0.0.0/",
    "https://100.100.100.200/",
    "nonsense",
  ])("refuses %s", (text) => {
    expect(() => endpointUrl(text)).toThrow();
  });

  test("the key that stands in a URL is not printed", () => {
    expect(() => endpointUrl("https://user:hunter2@api.example.com")).not.toThrow(/hunter2/);
    try {
      endpointUrl("https://user:hunter2@api.example.com");
    } catch (error) {
      expect(String(error)).not.toContain("hunter2");
    }
  });

  test("mapped addresses count as themselves", () => {
    expect(isRefused("::ffff:a9fe:a9fe")).toBe(true);
    expect(isRefused("::ffff:8.8.8.8")).toBe(false);
    expect(isRefused("fe80::1%eth0")).toBe(true);
  });
});

describe("guardedLookup", () => {
  const ask = (loopback: boolean, host: string) =>
    new Promise((resolve) => {
      guardedLookup(loopback)(host, { all: true }, (error, addresses) => resolve(error ?? addresses));
    });

  test("gives only addresses it has checked", async () => {
    expect(await ask(true, "localhost")).toEqual(
      expect.arrayContaining([expect.objectContaining({ family: expect.any(Number) })]),
    );
    expect(await ask(false, "169.254.169.254")).toMatchObject({ code: "WB_ADDRESS_REFUSED" });
    expect(await ask(true, "8.8.8.8")).toMatchObject({ code: "WB_ADDRESS_REFUSED" });
  });
});

describe("Secret", () => {
  const secret = secretFor("https://a.example", "sk-canary");
  test("prints as [secret] wherever text is made of it", () => {
    const printed = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
    ];
    for (const text of printed) expect(text).not.toContain("canary");
    expect(String(secret)).toBe("[secret]");
  });
  test("goes to its own origin only", () => {
    expect(secret.revealFor("https://a.example")).toBe("sk-canary");
    for (const other of ["https://a.example:8443", "http://a.example", "https://b.example"])
      expect(() => secret.revealFor(other)).toThrow(/another origin/);
  });
});
