package dev.credence.methods.training;

import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.MethodCard;
import dev.credence.methods.Range;
import dev.credence.methods.Setting;
import dev.credence.methods.Settings;
import dev.credence.methods.Worded;

/**
 * Distributional policy gradients for an f-divergence (Go et al. 2023): descends D_f between the posterior p and the policy
 * π, ∇D = E_π[f'(π/p) ∇log π]. Where the policy can be anything they all end at the posterior; of a family that cannot reach it
 * each ends elsewhere (docs/theory.md#distribution-matching).
 *
 * <p>Draws come from a proposal, at first the prior. It is replaced by the policy as it is only where that one is found nearer
 * to the posterior in the same draws, KL(posterior‖·) (Khalifa, Elsahar and Dymetman 2021). Z is the plain mean of
 * prior·e^{r/β}/proposal over all draws so far, so that it is unbiased.
 *
 * @param divergence what is descended
 * @param beta KL coefficient β of the posterior; 1/β copies
 * @param schedule how long and how fast
 */
public record FDpg(
        @Setting(help = "kl, reverse-kl, js, tv, chi2 or reverse-chi2; reverse ones have the policy first")
        Divergence divergence,

        @Setting(help = "KL coefficient; 1/beta copies of the reward, above 0", range = Range.POSITIVE)
        double beta,

        Schedule schedule)
        implements TrainedConditioner, Scheduled<FDpg> {
    /** An f-divergence of posterior p and policy π, as D = E_p f(t) at t = π/p, with f(1) = 0. */
    public enum Divergence implements Worded {
        /** KL(p‖π), f = −log t: distributional policy gradients as they were first. */
        KL("kl", "KL(posterior‖policy)", 1) {
            @Override
            double push(double logRatio) {
                return Math.expm1(-logRatio);
            }

            @Override
            double term(double logRatio) {
                return -logRatio;
            }
        },
        /** KL(π‖p), f = t log t: the policy gradient with a KL penalty in the reward. */
        REVERSE_KL("reverse-kl", "KL(policy‖posterior)", 1) {
            @Override
            double push(double logRatio) {
                return -logRatio;
            }

            @Override
            double term(double logRatio) {
                return logRatio == Double.NEGATIVE_INFINITY ? 0 : Math.exp(logRatio) * logRatio;
            }
        },
        /** Jensen–Shannon: half of KL(p‖m) and half of KL(π‖m), m the middle. */
        JS("js", "Jensen-Shannon divergence of posterior and policy", 0.25) {
            @Override
            double push(double logRatio) {
                return 0.5 * (Math.log1p(Math.exp(-logRatio)) - Math.log(2));
            }

            @Override
            double term(double logRatio) {
                double t = Math.exp(Math.min(logRatio, LARGEST));
                double own = t > 0 ? t * (Math.log(2) - Math.log1p(Math.exp(-logRatio))) : 0;
                return 0.5 * (own + Math.log(2) - Math.log1p(t));
            }
        },
        /** Total variation: half the sum of differences. */
        TV("tv", "total variation of posterior and policy", 0.5) {
            @Override
            double push(double logRatio) {
                return -0.5 * Math.signum(logRatio);
            }

            @Override
            double term(double logRatio) {
                return 0.5 * Math.abs(Math.expm1(logRatio));
            }
        },
        /** χ²(p‖π) = E_π (p/π)² − 1. */
        CHI2("chi2", "chi-squared of posterior over policy", 2) {
            @Override
            double push(double logRatio) {
                return Math.expm1(-2 * logRatio);
            }

            @Override
            double term(double logRatio) {
                return Math.expm1(-logRatio);
            }
        },
        /** χ²(π‖p) = E_p (π/p)² − 1. */
        REVERSE_CHI2("reverse-chi2", "chi-squared of policy over posterior", 2) {
            @Override
            double push(double logRatio) {
                return -2 * Math.expm1(logRatio);
            }

            @Override
            double term(double logRatio) {
                return Math.expm1(2 * logRatio);
            }
        };

        private static final double LARGEST = 700; // nats, so that e to it is a number

        private final String word;
        private final String words;
        private final double curvature;

        Divergence(String word, String words, double curvature) {
            this.word = word;
            this.words = words;
            this.curvature = curvature;
        }

        @Override
        public String word() {
            return word;
        }

        /** {@return f″(1): how fast {@link #push} grows with log π/p at the posterior; of tv, which has a kink, its size} */
        double curvature() {
            return curvature;
        }

        /**
         * What a text's log-probability is pushed by.
         *
         * @param logRatio log π/p, nats
         * @return f'(1) − f'(π/p); 0 at the posterior
         */
        abstract double push(double logRatio);

        /**
         * A text's summand.
         *
         * @param logRatio log π/p, nats
         * @return f(π/p), whose mean under the posterior is the divergence
         */
        abstract double term(double logRatio);

        /**
         * The divergence of two distributions.
         *
         * @param logPosterior (texts) log p, nats
         * @param logPolicy (texts) log π, nats
         * @return at least 0; infinite where the divergence is
         * @throws IllegalArgumentException if the lengths differ
         */
        public double of(double[] logPosterior, double[] logPolicy) {
            if (logPosterior.length != logPolicy.length) {
                throw new IllegalArgumentException(
                        logPosterior.length + " texts of the posterior but " + logPolicy.length + " of the policy");
            }
            double sum = 0;
            for (int i = 0; i < logPosterior.length; i++) {
                double p = Math.exp(logPosterior[i]);
                if (p > 0) {
                    sum += p * term(logPolicy[i] - logPosterior[i]);
                } else if (logPolicy[i] > Double.NEGATIVE_INFINITY) {
                    sum += Math.exp(logPolicy[i]) * atInfinity();
                }
            }
            return Math.max(0, sum);
        }

        /** lim f(t)/t: what mass where the posterior has none counts. */
        private double atInfinity() {
            return switch (this) {
                case KL, CHI2 -> 0;
                case REVERSE_KL, REVERSE_CHI2 -> Double.POSITIVE_INFINITY;
                case JS -> 0.5 * Math.log(2);
                case TV -> 0.5;
            };
        }
    }

    /**
     * Checks the settings.
     *
     * @param divergence any
     * @param beta positive and finite
     * @param schedule any
     */
    public FDpg {
        Settings.check(FDpg.class, divergence, beta, schedule);
    }

    /** KL(posterior‖policy), one copy. */
    public FDpg() {
        this(Divergence.KL, 1, Schedule.STANDARD);
    }

    /**
     * Descends a divergence.
     *
     * @param divergence which
     * @return the method, at one copy
     */
    public static FDpg of(Divergence divergence) {
        return new FDpg(divergence, 1, Schedule.STANDARD);
    }

    /**
     * At a KL coefficient.
     *
     * @param coefficient β, positive and finite
     * @return a changed copy
     */
    public FDpg atKl(double coefficient) {
        return new FDpg(divergence, coefficient, schedule);
    }

    @Override
    public FDpg scheduled(Schedule other) {
        return new FDpg(divergence, beta, other);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                new FDpg(),
                "f-dpg",
                "descend a divergence between posterior and policy, from a proposal that is replaced only by a better one",
                "Go, Korbak, Kruszewski, Rozen, Ryu and Dymetman 2023; docs/theory.md#distribution-matching");
    }

    @Override
    public Aim aim(RewardType type) {
        return Aim.at(RewardLikelihood.tilt(1 / beta), divergence.words);
    }

    @Override
    public TrainingSettings at(TrainingSettings.Place place) {
        return schedule.at(place);
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, TrainingSettings settings) {
        return FDpgTraining.atCopies(policy, task, divergence, 1 / beta, settings);
    }
}
