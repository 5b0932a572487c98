package dev.credence.core.audit;

import java.util.Arrays;
import java.util.List;

/**
 * Whether the draws of tilts hang together with those of prior and policy, so that their Z can be solved: by the overlap
 * matrix O_kl = Σ_i P_k(i) P_l(i) / N_k of the mixture's states (Klimovich, Shirts and Mobley 2015), the chance that a draw
 * of state k looks like one of state l. A tilt hangs together with the prior by the best chain of states whose weakest link
 * is the strongest.
 *
 * @param weakest the smallest of these over tilts and prompts
 */
record TiltOverlap(double weakest) {
    private static final double WARN = 0.03;
    private static final double FAIL = 0.01;

    /** The overlap of a pool; ∞ where no prompt has tilts. */
    static TiltOverlap of(PromptPool pool) {
        return new TiltOverlap(pool.members().stream()
                .mapToDouble(member -> of(member.atoms()))
                .min()
                .orElse(Double.POSITIVE_INFINITY));
    }

    private static double of(Atoms atoms) {
        Mixture mixture = atoms.mixture();
        if (mixture == null || mixture.tilts() == 0) {
            return Double.POSITIVE_INFINITY;
        }
        double[][] overlap = matrix(atoms, mixture.tilts());
        double weakest = Double.POSITIVE_INFINITY;
        double[] reach = strongestChains(overlap);
        for (int k = 1; k < reach.length; k++) {
            weakest = Math.min(weakest, reach[k]);
        }
        return weakest;
    }

    /** State 0 is all that is not a tilt: prior, policy and bridge, whose densities are known. */
    private static double[][] matrix(Atoms atoms, int tilts) {
        int states = tilts + 1;
        double[] sums = atoms.sum(states * states, () -> {
            double[] share = new double[states];
            return (block, into) -> {
                for (int i = 0; i < block.count; i++) {
                    if (!atoms.isInProposal(block.stratum[i])) {
                        continue;
                    }
                    share[0] = 1;
                    for (int k = 1; k < states; k++) {
                        share[k] = atoms.tiltShare(k - 1, block.start + i);
                        share[0] -= share[k];
                    }
                    for (int k = 0; k < states * states; k++) {
                        into[k] += share[k / states] * share[k % states];
                    }
                }
            };
        });
        double[][] matrix = new double[states][];
        for (int k = 0; k < states; k++) {
            matrix[k] = Arrays.copyOfRange(sums, k * states, (k + 1) * states);
            double draws = Arrays.stream(matrix[k]).sum(); // Σ_i P_k = N_k
            matrix[k] = Arrays.stream(matrix[k]).map(x -> x / draws).toArray();
        }
        return matrix;
    }

    /** By state the weakest link of the strongest chain to state 0; a link is the smaller of its two directions. */
    private static double[] strongestChains(double[][] overlap) {
        int states = overlap.length;
        double[] reach = new double[states];
        reach[0] = Double.POSITIVE_INFINITY;
        for (int round = 0; round < states; round++) {
            for (int k = 0; k < states; k++) {
                for (int l = 0; l < states; l++) {
                    double link = Math.min(overlap[k][l], overlap[l][k]);
                    reach[l] = k == l ? reach[l] : Math.max(reach[l], Math.min(reach[k], link));
                }
            }
        }
        return reach;
    }

    /** Whether any prompt has draws of tilts. */
    boolean applies() {
        return weakest < Double.POSITIVE_INFINITY;
    }

    /** The gate. */
    Gate gate() {
        if (weakest >= WARN) {
            return new Gate(
                    "tilt_overlap",
                    Gate.Status.PASS,
                    weakest,
                    "the draws of tilts hang together with the prior",
                    List.of());
        }
        List<String> withdraws = new java.util.ArrayList<>(Withdrawals.FITTED);
        withdraws.addAll(Withdrawals.ASKED);
        return new Gate(
                "tilt_overlap",
                weakest < FAIL ? Gate.Status.FAIL : Gate.Status.WARN,
                weakest,
                Gates.text(
                        "a tilt's draws overlap with the next source's by %.2g only (.03 wanted): its Z hangs by few records;"
                                + " draw a tilt between the two",
                        weakest),
                weakest < FAIL ? withdraws : List.of());
    }
}
