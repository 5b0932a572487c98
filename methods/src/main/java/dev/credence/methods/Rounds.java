package dev.credence.methods;

import java.util.function.Function;

/** A procedure applied again and again to its own result. */
final class Rounds {
    private Rounds() {}

    static double[] apply(Completions completions, int rounds, Function<Completions, double[]> step) {
        Completions current = completions;
        double[] policy = completions.priorMasses();
        for (int round = 0; round < rounds; round++) {
            policy = step.apply(current);
            double sum = 0;
            for (double weight : policy) {
                sum += weight;
            }
            if (sum == 0) {
                return policy; // nothing was accepted, which the caller refuses
            }
            current = current.under(policy);
        }
        return policy;
    }
}
