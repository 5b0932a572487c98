package dev.credence.methods;

/** Options that several methods share. */
final class Options {
    static final MethodOption BETA =
            new MethodOption("beta", "1", "KL coefficient; 1/beta copies of the reward, 0 for the limit on the best");
    static final MethodOption ROUNDS =
            new MethodOption("rounds", "1", "how often, each time on the result of the one before");
    static final MethodOption Q =
            new MethodOption("q", "0.25", "share of the prior's mass to keep, best rewards first");

    private Options() {}
}
