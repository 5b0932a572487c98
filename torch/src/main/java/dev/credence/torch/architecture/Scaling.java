package dev.credence.torch.architecture;

/** How the frequencies of rotary positions are changed for contexts longer than those first trained on. */
public sealed interface Scaling {
    /** {@return no scaling} */
    static Scaling none() {
        return new ByTurns(1, 0, 0, 1);
    }

    /**
     * All frequencies divided alike.
     *
     * @param factor by what
     * @return positions stretched by the factor
     */
    static Scaling linear(double factor) {
        return new ByTurns(factor, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 1);
    }

    /**
     * The frequency of a pair.
     *
     * @param frequency without scaling
     * @param pair its number, from 0
     * @param rotary dimensions and base
     * @return with it
     */
    double apply(double frequency, int pair, Architecture.Rotary rotary);

    /** {@return what turned queries and keys are multiplied by, each} */
    default double stretch() {
        return 1;
    }

    /**
     * Slow frequencies are divided by a factor, fast ones kept, those between blended by how often they turn within the first
     * context (Llama 3).
     *
     * @param factor what slow frequencies are divided by; 1 changes nothing
     * @param lowTurns fewer turns than this within the first context: slow
     * @param highTurns more turns than this: fast; infinite turns make every frequency slow
     * @param firstContext the context first trained on
     */
    record ByTurns(double factor, double lowTurns, double highTurns, double firstContext) implements Scaling {
        @Override
        public double apply(double frequency, int pair, Architecture.Rotary rotary) {
            double turns = firstContext * frequency / (2 * Math.PI);
            if (factor == 1 || turns > highTurns) {
                return frequency;
            }
            if (turns < lowTurns) {
                return frequency / factor;
            }
            double fast = (turns - lowTurns) / (highTurns - lowTurns);
            return (1 - fast) * frequency / factor + fast * frequency;
        }
    }

    /**
     * YaRN (Peng et al. 2023, §3.2, §3.4): blended as above, but linearly in the pair's number, between the pairs that turn
     * {@code fastTurns} and {@code slowTurns} times within the first context; and queries and keys are stretched.
     *
     * @param factor what slow frequencies are divided by
     * @param fastTurns β, of the last pair that is kept
     * @param slowTurns α, of the first pair that is divided in full
     * @param firstContext the context first trained on
     * @param whole whether those two pairs' numbers are rounded outwards to whole ones
     * @param stretch what turned queries and keys are multiplied by, each
     */
    record Yarn(double factor, double fastTurns, double slowTurns, double firstContext, boolean whole, double stretch)
            implements Scaling {
        @Override
        public double apply(double frequency, int pair, Architecture.Rotary rotary) {
            double low = pair(fastTurns, rotary);
            double high = pair(slowTurns, rotary);
            double from = Math.max(whole ? Math.floor(low) : low, 0);
            double to = Math.min(whole ? Math.ceil(high) : high, rotary.dimensions() - 1);
            double width = to == from ? 0.001 : to - from; // one step where both are the same pair
            double slow = Math.min(1, Math.max(0, (pair - from) / width));
            return slow * frequency / factor + (1 - slow) * frequency;
        }

        /** The number, not whole, of the pair that turns so often within the first context. */
        private double pair(double turns, Architecture.Rotary rotary) {
            return rotary.dimensions()
                    * Math.log(firstContext / (2 * Math.PI * turns))
                    / (2 * Math.log(rotary.theta()));
        }
    }
}
