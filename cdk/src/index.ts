export * from "./constructs/dual-index-table";
export { DEPLOYED_TEMPLATE_CONTEXT } from "./constructs/deployed-template";
