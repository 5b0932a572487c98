package dev.credence.core.evidence;

/**
 * The prior on its extreme rewards: the limit of infinitely many copies, of either sign.
 *
 * @param isLargest whether it is the largest, else the smallest
 */
record ExtremeReward(boolean isLargest) implements RewardLikelihood {
    @Override
    public double[] logLikelihoods(double[] reward, double[] priorProbability) {
        AtomChecks.check(reward, priorProbability);
        double extreme = extreme(reward, priorProbability);
        double[] logLikelihood = new double[reward.length];
        for (int i = 0; i < reward.length; i++) {
            boolean is = reward[i] == extreme && reward[i] > Double.NEGATIVE_INFINITY;
            logLikelihood[i] = is ? 0 : Double.NEGATIVE_INFINITY;
        }
        return logLikelihood;
    }

    @Override
    public String describe() {
        return isLargest ? "the reward is the largest there is" : "the reward is the smallest there is";
    }

    private double extreme(double[] reward, double[] priorProbability) {
        double sign = isLargest ? 1 : -1;
        double best = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < reward.length; i++) {
            if (priorProbability[i] > 0 && reward[i] > Double.NEGATIVE_INFINITY) {
                best = Math.max(best, sign * reward[i]);
            }
        }
        return sign * best;
    }
}
