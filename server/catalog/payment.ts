/** This installation takes no payment yet: what is said about money reads this, so that it changes in one place. */
export const TAKES_PAYMENT: boolean = false;
