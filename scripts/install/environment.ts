/** An environment of exactly these variables. (Next's types ask NODE_ENV of every environment.) */
export const bareEnvironment = (variables: Record<string, string | undefined>): NodeJS.ProcessEnv =>
  variables as NodeJS.ProcessEnv;
