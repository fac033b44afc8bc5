/** Which ids can be asked for. What has none of their shapes would match any line by chance. */

/** Operation · server · request (nginx's, ours, an agent's own) · error. */
const SHAPES = [
  /^op_[a-z2-7]{16}$/,
  /^[a-z2-7]{10}$/,
  /^[0-9a-f]{32}$/,
  /^req_[a-z2-7]{16}$/,
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /^E-[A-Z2-7]{6}$/,
];
/** Every call of an agent carries `<operation>.<attempt>.<step>`. */
const AGENT_CALL = /^(op_[a-z2-7]{16})\.\d+\.[a-z]/;
/** DBOS's name for an attempt: `<operation>:<attempt>`. */
const WORKFLOW = /^(op_[a-z2-7]{16}):\d+$/;

/** The id to look for, or null where the text is none. */
export function readId(text: string): string | null {
  const given = text.trim();
  const operation = (AGENT_CALL.exec(given) ?? WORKFLOW.exec(given))?.[1];
  if (operation !== undefined) return operation;
  const id = /^e-/i.test(given) ? given.toUpperCase() : given;
  return SHAPES.some((shape) => shape.test(id)) ? id : null;
}
