"use strict";
// Shows the OpenAPI of this server, and sends requests to it. All text is set as text, never as HTML.

const METHODS = ["get", "post", "put", "patch", "delete"];
let api;

function make(name, options = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(options)) {
    if (key in element && key !== "list") element[key] = value; else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function resolve(schema) {
  let found = schema || {};
  while (found.$ref) {
    found = found.$ref.slice(2).split("/").reduce((at, part) => at[part.replaceAll("~1", "/").replaceAll("~0", "~")], api);
  }
  return found;
}

function variants(schema) {
  return schema.oneOf || schema.anyOf || null;
}

function nameOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const several = variants(schema);
  if (several) return several.map(nameOf).join(" | ");
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.type === "array") return nameOf(schema.items) + "[]";
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : schema.type || "any";
  return schema.format ? `${type} (${schema.format})` : type;
}

function range(least, most, unit) {
  const known = (one) => one !== undefined && one !== null;
  if (!known(least) && !known(most)) return null;
  return (known(least) && known(most) ? `${least} to ${most}` : known(most) ? `up to ${most}` : `from ${least}`) + unit;
}

function limits(schema) {
  const found = [range(schema.minimum, schema.maximum, ""), range(schema.minLength, schema.maxLength, " characters"),
    range(schema.minItems, schema.maxItems, " items")];
  if (schema.default !== undefined && schema.default !== null) found.push(`default ${JSON.stringify(schema.default)}`);
  const text = found.filter(Boolean).join(", ");
  return text && `${text[0].toUpperCase()}${text.slice(1)}.`;
}

// The object of a body that may also be left out.
function shape(given) {
  const schema = resolve(given);
  return variants(schema)?.map(resolve).find((one) => one.properties) || schema;
}

function example(given, depth = 0) {
  const schema = resolve(given);
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  if (schema.examples?.length) return schema.examples[0];
  const several = variants(schema);
  if (several) return example(several.find((one) => resolve(one).type !== "null") || several[0], depth);
  if (schema.enum) return schema.enum[0];
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (type === "object") {
    if (depth > 5) return {};
    return Object.fromEntries(Object.entries(schema.properties || {}).map(([name, part]) => [name, example(part, depth + 1)]));
  }
  if (type === "array") return depth > 5 ? [] : [example(schema.items, depth + 1)];
  if (type === "integer" || type === "number") return schema.minimum || 0;
  if (type === "boolean") return true;
  return { uuid: "00000000-0000-0000-0000-000000000000", "date-time": "2026-01-31T12:00:00Z" }[schema.format] || "text";
}

function fieldsTable(given, seen = []) {
  let schema = shape(given);
  if (schema.type === "array") schema = shape(schema.items);
  const properties = Object.entries(schema.properties || {});
  if (!properties.length) return null;
  const needed = new Set(schema.required || []);
  const rows = properties.map(([name, part]) => {
    const whole = resolve(part);
    const inner = variants(whole)?.map(resolve).find((one) => one.properties) || whole;
    const nested = seen.includes(inner) || seen.length > 3 ? null : fieldsTable(inner, [...seen, inner]);
    return make("tr", {},
      make("td", {}, make("code", {}, name), needed.has(name) ? " *" : ""),
      make("td", {}, make("code", {}, nameOf(part))),
      make("td", {}, ...prose([whole.description || part.description, limits(whole)].filter(Boolean).join(" ")),
        nested ? make("details", {}, make("summary", {}, "fields"), nested) : null));
  });
  return make("table", {}, make("tbody", {}, ...rows));
}

// What a first request needs: the fields that are required, and those with a default.
function draft(given) {
  const schema = shape(given);
  const needed = new Set(schema.required || []);
  const parts = Object.entries(schema.properties || {}).filter(([name, part]) => needed.has(name) || resolve(part).default !== undefined);
  return Object.fromEntries(parts.map(([name, part]) => [name, example(part)]));
}

// Lines of a source file are not lines of a page: only an empty one begins a paragraph, and a dash an item of a list.
function prose(text) {
  return (text || "").replace(/([^\n])\n[ ]*(?!\n|- )/g, "$1 ").split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

function bodyOf(operation) {
  const content = operation.requestBody?.content || {};
  const [type] = Object.keys(content);
  return type ? { type, schema: content[type].schema } : null;
}

function parametersTable(parameters) {
  if (!parameters.length) return null;
  const rows = parameters.map((one) => make("tr", {},
    make("td", {}, make("code", {}, one.name), one.required ? " *" : ""),
    make("td", {}, one.in),
    make("td", {}, make("code", {}, nameOf(one.schema))),
    make("td", {}, ...prose([one.description, limits(resolve(one.schema))].filter(Boolean).join(" ")))));
  return make("section", {}, make("h4", {}, "Parameters"), make("table", {}, make("tbody", {}, ...rows)));
}

function responsesList(responses) {
  const parts = Object.entries(responses).map(([status, response]) => {
    const [content] = Object.entries(response.content || {});
    const schema = content?.[1].schema;
    return make("details", {},
      make("summary", {}, make("strong", {}, status), ` ${response.description} `, make("code", {}, nameOf(schema))),
      schema ? fieldsTable(schema) : null,
      schema && status < "300" && content[0].includes("json") ? make("pre", {}, JSON.stringify(example(schema), null, 2)) : null);
  });
  return make("section", {}, make("h4", {}, "Responses"), ...parts);
}

function inputFor(id, label, given = {}) {
  const { multiline, ...options } = given;
  const input = make(multiline ? "textarea" : "input", { id, spellcheck: false, ...options });
  return { input, row: make("div", {}, make("label", { htmlFor: id }, label), input) };
}

function bodyInputs(operation, body) {
  if (!body) return [];
  if (!body.type.startsWith("multipart/")) {
    const text = JSON.stringify(draft(body.schema), null, 2);
    return [{ kind: "json", ...inputFor(`${operation.operationId}-body`, "Body", { multiline: true, value: text }) }];
  }
  return Object.entries(resolve(body.schema).properties || {}).map(([name, part]) => {
    const isFile = resolve(part).contentMediaType !== undefined || resolve(part).format === "binary";
    return { kind: "form", name, ...inputFor(`${operation.operationId}-${name}`, name, isFile ? { type: "file" } : {}) };
  });
}

async function send(method, path, inputs, body) {
  const headers = {};
  const key = document.getElementById("key").value.trim();
  const project = document.getElementById("project").value.trim();
  if (key) headers.Authorization = `Bearer ${key}`;
  if (project) headers["X-Project-Id"] = project;
  const query = new URLSearchParams();
  let url = path, payload;
  for (const { kind, name, input } of inputs) {
    const value = input.value;
    if (kind === "path") url = url.replace(`{${name}}`, encodeURIComponent(value));
    else if (kind === "query" && value) query.append(name, value);
    else if (kind === "json") payload = value;
    else if (kind === "form") {
      payload ||= new FormData();
      if (input.files) { if (input.files[0]) payload.append(name, input.files[0]); } else if (value) payload.append(name, value);
    }
  }
  if (body?.type === "application/json") headers["Content-Type"] = "application/json";
  const began = performance.now();
  const response = await fetch(query.size ? `${url}?${query}` : url, { method: method.toUpperCase(), headers, body: payload });
  const text = await response.text();
  const ms = Math.round(performance.now() - began);
  let shown = text;
  try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it is */ }
  return `${response.status} ${response.statusText} in ${ms} ms\n\n${shown}`;
}

function tryIt(method, path, operation, parameters, body) {
  const given = parameters.filter((one) => one.in === "path" || one.in === "query").map((one) => ({
    kind: one.in, name: one.name, ...inputFor(`${operation.operationId}-${one.name}`, one.name, { required: Boolean(one.required) }),
  }));
  const inputs = [...given, ...bodyInputs(operation, body)];
  const output = make("pre", { hidden: true, ariaLive: "polite" });
  const form = make("form", {}, ...inputs.map((one) => one.row), make("button", { type: "submit" }, "Send"), output);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    output.hidden = false;
    output.textContent = "...";
    try { output.textContent = await send(method, path, inputs, body); } catch (error) { output.textContent = `No answer: ${error.message}`; }
  });
  return make("details", {}, make("summary", {}, "Try it"), form);
}

function article(method, path, shared, operation) {
  const parameters = [...shared, ...(operation.parameters || [])].map(resolve);
  const body = bodyOf(operation);
  return make("article", { id: operation.operationId },
    make("h3", {}, make("span", { className: `method ${method}` }, method), make("code", {}, path)),
    make("p", {}, make("strong", {}, operation.summary || "")),
    make("p", { className: "what" }, ...prose(operation.description)),
    parametersTable(parameters),
    body ? make("section", {}, make("h4", {}, "Body ", make("span", { className: "faint" }, body.type)),
      make("p", { className: "what" }, ...prose(shape(body.schema).description)), fieldsTable(body.schema)) : null,
    responsesList(operation.responses),
    tryIt(method, path, operation, parameters, body));
}

function show() {
  document.getElementById("title").textContent = `${api.info.title} ${api.info.version}`;
  document.getElementById("about").append(...prose(api.info.description));
  const groups = new Map((api.tags || []).map((tag) => [tag.name, { about: tag.description || "", items: [] }]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((one) => item[one])) {
      const operation = item[method];
      const tag = operation.tags?.[0] || "other";
      if (!groups.has(tag)) groups.set(tag, { about: "", items: [] });
      groups.get(tag).items.push([method, path, item.parameters || [], operation]);
    }
  }
  for (const [tag, { about, items }] of groups) {
    if (!items.length) continue;
    const links = items.map(([method, , , operation]) => make("a", { href: `#${operation.operationId}` },
      make("span", { className: `method ${method}` }, method), operation.summary || operation.operationId));
    document.getElementById("nav").append(make("h2", {}, tag), ...links);
    document.getElementById("operations").append(make("h2", {}, tag), make("p", {}, about), ...items.map((one) => article(...one)));
  }
}

async function start() {
  const status = document.getElementById("status");
  const key = document.getElementById("key");
  document.getElementById("access").addEventListener("submit", (event) => event.preventDefault());
  key.value = sessionStorage.getItem("atende-key") || "";
  key.addEventListener("input", () => sessionStorage.setItem("atende-key", key.value));
  try {
    api = await (await fetch("/schema/openapi.json")).json();
    show();
    status.remove();
    if (location.hash) document.querySelector(location.hash)?.scrollIntoView();
  } catch (error) {
    status.textContent = `The description of the API could not be loaded: ${error.message}`;
  }
}

start();
