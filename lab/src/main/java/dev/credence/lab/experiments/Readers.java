package dev.credence.lab.experiments;

/** What readers of k copies of an example give to an unrewarded probe, k by k (docs/theory.md#filter-and-reader). */
interface Readers {
    /**
     * Whom a probe's probabilities are nearest to.
     *
     * @param probe (outcomes) probabilities
     * @return argmin over k of KL(probe ‖ reader of k copies)
     */
    double nearest(double[] probe);

    /**
     * What a reader gives.
     *
     * @param copies k ≥ 0
     * @return (outcomes) log-probabilities, nats
     */
    double[] logProbs(double copies);

    /**
     * How far a probe is from a reader.
     *
     * @param probe (outcomes) probabilities
     * @param copies k ≥ 0
     * @return KL(probe ‖ reader of k copies), nats
     */
    default double kl(double[] probe, double copies) {
        double[] reader = logProbs(copies);
        double sum = 0;
        for (int i = 0; i < probe.length; i++) {
            sum += probe[i] > 0 ? probe[i] * (Math.log(probe[i]) - reader[i]) : 0;
        }
        return Math.max(0, sum);
    }
}
