package dev.credence.core.audit;

import java.util.function.Supplier;

/**
 * What it adds to influence functions that nobody said how many texts were drawn, so that their number is Σ 1/kept over the
 * records. A record's influence ψ(i) is taken with the proposal fixed; log N0, which is part of it, moves with record j of
 * the prior by 1/(kept(j) N0), and the figure by −Σ_i ψ(i) η(i) with log N0, η the prior's share of the proposal at a
 * record. So the whole influence is ψ(j) − Σ_i ψ(i) η(i) / (kept(j) N0); the policy's likewise (docs/theory.md#thinned-draws).
 */
final class EstimatedDraws implements Atoms.Columns {
    private static final int SIDES = 2;

    private final Atoms atoms;
    private final Atoms.Columns plain;
    private final double[][] slopes; // (sides, columns) of the figures by the log of the side's draws

    private EstimatedDraws(Atoms atoms, Atoms.Columns plain, double[][] slopes) {
        this.atoms = atoms;
        this.plain = plain;
        this.slopes = slopes;
    }

    /** Whether the draws of prior or policy are estimated. */
    static boolean applies(Atoms atoms) {
        return atoms.estimatesDraws(RolloutLog.PRIOR) || atoms.estimatesDraws(RolloutLog.POLICY);
    }

    /** The vectors with the correction; the same where all draws are known. */
    static Supplier<Atoms.Columns> of(Atoms atoms, int width, Supplier<Atoms.Columns> vectors) {
        if (!applies(atoms)) {
            return vectors;
        }
        double all = atoms.proposalDraws();
        double prior = atoms.draws(RolloutLog.PRIOR) * atoms.priorTotal() / all;
        double policy = atoms.draws(RolloutLog.POLICY) * atoms.policyTotal() / all;
        double[] sums = atoms.sum(SIDES * width, () -> {
            Atoms.Columns own = vectors.get();
            double[][] columns = new double[width][atoms.blockSize()];
            return (block, into) -> {
                own.fill(block, columns);
                for (int i = 0; i < block.count; i++) {
                    if (!atoms.isInProposal(block.stratum[i])) {
                        continue;
                    }
                    double ofPrior = prior * atoms.priorKept(block.start + i) * block.u[i];
                    double ofPolicy = policy * atoms.policyKept(block.start + i) * block.v[i];
                    for (int k = 0; k < width; k++) {
                        into[k] -= columns[k][i] * ofPrior;
                        into[width + k] -= columns[k][i] * ofPolicy;
                    }
                }
            };
        });
        double[][] slopes = new double[SIDES][width];
        for (int side = 0; side < SIDES; side++) {
            if (atoms.estimatesDraws(side)) {
                System.arraycopy(sums, side * width, slopes[side], 0, width);
            }
        }
        return () -> new EstimatedDraws(atoms, vectors.get(), slopes);
    }

    @Override
    public void fill(AtomBlock block, double[][] into) {
        plain.fill(block, into);
        for (int i = 0; i < block.count; i++) {
            int side = block.stratum[i];
            if (side < SIDES && atoms.estimatesDraws(side)) {
                double share = 1 / (atoms.kept(block.start + i) * atoms.draws(side));
                for (int k = 0; k < slopes[side].length; k++) {
                    into[k][i] += slopes[side][k] * share;
                }
            }
        }
    }
}
