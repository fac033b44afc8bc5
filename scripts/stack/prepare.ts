/** Outside of a stack's namespaces, where Debian's mirror can be reached. Prints what run.ts is to install, as JSON. */
import { prepare } from '../install/prepare.ts';
import { createSteps, explainFailure } from '../install/step.ts';

try {
  const prepared = await prepare(createSteps((text) => process.stderr.write(text)));
  process.stdout.write(`${JSON.stringify(prepared)}\n`);
} catch (error) {
  process.stderr.write(explainFailure(error));
  process.exitCode = 70;
}
