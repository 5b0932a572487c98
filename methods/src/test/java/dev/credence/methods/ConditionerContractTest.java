package dev.credence.methods;

import org.junit.jupiter.api.Nested;

/** Methods of each kind keep the contract: exact, policy gradient, preferences, distillation. */
class ConditionerContractTest {
    private abstract static class Named extends ConditionerContract {
        private final String name;
        private final MethodOptions options;

        Named(String name, MethodOptions options) {
            this.name = name;
            this.options = options;
        }

        @Override
        protected Conditioner method() {
            return Methods.byName(name);
        }

        @Override
        protected MethodOptions options() {
            return options;
        }
    }

    private static MethodOptions population() {
        return MethodOptions.none().with("population", "true");
    }

    @Nested
    class BestOfN extends Named {
        BestOfN() {
            super("best-of-n", MethodOptions.none());
        }
    }

    /** The limit is in the number of particles; on a table the law of any number is known. */
    @Nested
    class SequentialMonteCarlo extends Named {
        SequentialMonteCarlo() {
            super("smc", MethodOptions.none().with("particles", 2_000_000_000).with("beta", 0.7));
        }
    }

    @Nested
    class TwistedSmc extends Named {
        TwistedSmc() {
            super("twisted-smc", MethodOptions.none().with("particles", 3));
        }
    }

    @Nested
    class Rloo extends Named {
        Rloo() {
            super("rloo", population());
        }
    }

    @Nested
    class Dpo extends Named {
        Dpo() {
            super("dpo", population());
        }
    }

    @Nested
    class Distil extends Named {
        Distil() {
            super("distil", population());
        }
    }

    @Nested
    class FilteredSft extends Named {
        FilteredSft() {
            super("filtered-sft", population());
        }
    }

    @Nested
    class ExpertIteration extends Named {
        ExpertIteration() {
            super("expert-iteration", population().with("rounds", 2).with("n", 2));
        }
    }

    @Nested
    class Observation extends Named {
        Observation() {
            super("observation", population());
        }
    }
}
