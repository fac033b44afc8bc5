/** The operator's program: admin-commands.ts says what it can do. */
import { runAdmin, wordsOf } from './admin-commands.ts';

try {
  const said = await runAdmin(process.argv.slice(2), process.env);
  if (said !== '') process.stdout.write(`${said}\n`);
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n`);
  process.exitCode = 1;
}
