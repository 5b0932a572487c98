package dev.credence.core.audit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The second-order interval of KL(π*_β‖π): the stratified delete-one jackknife of {@link Jackknife} of a figure that needs no fitted
 * λ. A prompt's is f(W, A, V) = A/W − ln W + ln V of three sums that are linear in the records' weights: W = Σ w̄, A = Σ w̄ ln(w̄/v̄)
 * and V = Σ v̄. f is convex in W, so that few records lean it by an amount that more prompts do not lessen: a bias of about
 * ½ Σ f'' Var, which a record left out measures.
 *
 * @param bias of the mean over prompts, nats
 * @param error its standard error, nats, with room for what the bias leaves out: its next term, smaller by a power of 1/n and of
 *     the weights' skewness, for which the bias over √n is allowed
 * @param freedom Satterthwaite's degrees of freedom
 */
record AskedJackknife(double bias, double error, double freedom) {
    private static final int WEIGHT = 0;
    private static final int RATIO = 1;
    private static final int POLICY = 2;
    private static final int FIELDS = 3;
    private static final int POWERS = 4;

    /** Of a pool whose prompts all have a target with finite divergence; null where one has none, or one that learns from the records. */
    static @Nullable AskedJackknife of(PromptPool pool, StandardErrors errors) {
        List<PromptAtoms> members = pool.members();
        if (members.stream()
                .anyMatch(m -> m.asked() == null
                        || m.target().learnt() != null
                        || !(m.target().klToPolicy() < Double.POSITIVE_INFINITY))) {
            return null;
        }
        double[] all = {0, errors.borrowed()[Figure.KL_ASKED_POLICY.ordinal()], 0, 0};
        pool.<double[]>each(c -> new Member(members.get(c), errors.units()[c]).sums(pool.weight(c)), (c, own) -> {
            for (int k = 0; k < all.length; k++) {
                all[k] += own[k];
            }
        });
        double bias = all[0];
        double variance = all[1];
        double room = all[3];
        double freedom = 2 * variance * variance / all[2];
        return Double.isFinite(bias) && Double.isFinite(variance)
                ? new AskedJackknife(bias, Math.sqrt(variance + room * room), freedom)
                : null;
    }

    /** One prompt. */
    private static final class Member {
        private final Atoms atoms;
        private final Target target;
        private final double[] units; // (strata)

        Member(PromptAtoms member, double[] units) {
            this.atoms = member.atoms();
            this.target = member.target();
            this.units = units;
        }

        private Atoms.Columns fields() {
            double[] logWeights = new double[AtomBlock.SIZE];
            double[] weights = new double[AtomBlock.SIZE];
            return (block, into) -> {
                target.conditional().weigh(block, logWeights, weights);
                for (int i = 0; i < block.count; i++) {
                    double w = weights[i];
                    into[WEIGHT][i] = w;
                    into[RATIO][i] = w > 0 ? w * (logWeights[i] - block.logRatio[i]) : 0;
                    into[POLICY][i] = block.v[i];
                }
            };
        }

        /** Its bias, variance, variance of variance and room, as parts of a mean in which it has a weight. */
        double[] sums(double weight) {
            int strata = atoms.strata();
            double[] of = atoms.sumUnits(strata * FIELDS, FIELDS, this::fields, (stretch, sums) -> {
                for (int i = 0; i < stretch.count; i++) {
                    for (int k = 0; k < FIELDS; k++) {
                        sums[stretch.stratum(i) * FIELDS + k] += stretch.columns[k][i];
                    }
                }
            });
            double[] powers = atoms.sumUnits(strata * POWERS, FIELDS, this::fields, (stretch, sums) -> {
                for (int i = 0; i < stretch.count; i++) {
                    add(
                            of,
                            stretch.stratum(i),
                            stretch.columns[WEIGHT][i],
                            stretch.columns[RATIO][i],
                            stretch.columns[POLICY][i],
                            1,
                            sums);
                }
            });
            double bias = 0;
            double variance = 0;
            double spread = 0;
            double fewest = Double.POSITIVE_INFINITY;
            for (int s = 0; s < strata; s++) {
                double n = units[s];
                if (n < 2) {
                    continue;
                }
                fewest = Math.min(fewest, n);
                add(of, s, 0, 0, 0, n * (1 - atoms.records(s) / atoms.draws(s)), powers); // draws that were not kept
                double mean = powers[s * POWERS] / n;
                double s2 = powers[s * POWERS + 1];
                double s3 = powers[s * POWERS + 2];
                double central2 = Math.max(0, s2 - n * mean * mean);
                double central4 = Math.max(
                        0, powers[s * POWERS + 3] - 4 * mean * s3 + 6 * mean * mean * s2 - 3 * n * Math.pow(mean, 4));
                double part = (n - 1) / n * central2;
                bias += (n - 1) * mean;
                variance += part;
                spread += part * part * StudentT.spreadOfVariance(n, central2, central4);
            }
            double square = weight * weight;
            double room = weight * Math.abs(bias) / Math.sqrt(fewest);
            return new double[] {weight * bias, square * variance, square * square * spread, room};
        }

        /** Powers of the change of f without a unit, the rest of its stratum weighted up; as often as there are such units. */
        private void add(
                double[] of, int stratum, double weight, double ratio, double policy, double times, double[] sums) {
            double n = units[stratum];
            if (n < 2 || !(times > 0)) {
                return;
            }
            int at = stratum * FIELDS;
            double shiftedWeight = 1 + (of[at + WEIGHT] - n * weight) / (n - 1);
            double shiftedRatio = target.klToPolicy() + (of[at + RATIO] - n * ratio) / (n - 1);
            double shiftedPolicy = 1 + (of[at + POLICY] - n * policy) / (n - 1);
            double x = shiftedRatio / shiftedWeight
                    - Math.log(shiftedWeight)
                    + Math.log(shiftedPolicy)
                    - target.klToPolicy();
            double power = times;
            for (int k = 0; k < POWERS; k++) {
                power *= x;
                sums[stratum * POWERS + k] += power;
            }
        }
    }
}
