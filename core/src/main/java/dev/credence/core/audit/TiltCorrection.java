package dev.credence.core.audit;

import java.util.function.Supplier;
import org.hipparchus.linear.RealMatrix;

/**
 * What the solved Z of tilts add to influence functions. A record's influence ψ(i) is taken with the proposal fixed; the
 * tilts' f_k = −log Z_k, which are part of it, move with record j by −H⁻¹P(j), and the figure by −Σ_i ψ(i) P_k(i) with f_k.
 * So the whole influence is ψ(j) + Σ_kl (Σ_i ψ(i) P_k(i)) H⁻¹_kl P_l(j), H = Σ_i P_k (δ_kl − P_l) ({@link Mixture}).
 */
final class TiltCorrection implements Atoms.Columns {
    private final Atoms atoms;
    private final Atoms.Columns plain;
    private final double[][] factors; // (columns, tilts)

    private TiltCorrection(Atoms atoms, Atoms.Columns plain, double[][] factors) {
        this.atoms = atoms;
        this.plain = plain;
        this.factors = factors;
    }

    /** The vectors with the correction; the same where the proposal has no tilts. */
    static Supplier<Atoms.Columns> of(Atoms atoms, int width, Supplier<Atoms.Columns> vectors) {
        Mixture mixture = atoms.mixture();
        if (mixture == null || mixture.tilts() == 0) {
            return vectors;
        }
        int tilts = mixture.tilts();
        double[] slopes = atoms.sum(width * tilts, () -> {
            Atoms.Columns own = vectors.get();
            double[][] columns = new double[width][atoms.blockSize()];
            return (block, sums) -> {
                own.fill(block, columns);
                for (int i = 0; i < block.count; i++) {
                    for (int l = 0; l < tilts; l++) {
                        double share = atoms.tiltShare(l, block.start + i);
                        for (int k = 0; k < width; k++) {
                            sums[k * tilts + l] += columns[k][i] * share;
                        }
                    }
                }
            };
        });
        RealMatrix inverse = mixture.inverse();
        double[][] factors = new double[width][tilts];
        for (int k = 0; k < width; k++) {
            for (int l = 0; l < tilts; l++) {
                for (int m = 0; m < tilts; m++) {
                    factors[k][l] += slopes[k * tilts + m] * inverse.getEntry(m, l);
                }
            }
        }
        return () -> new TiltCorrection(atoms, vectors.get(), factors);
    }

    @Override
    public void fill(AtomBlock block, double[][] into) {
        plain.fill(block, into);
        for (int i = 0; i < block.count; i++) {
            if (!atoms.isInProposal(block.stratum[i])) {
                continue;
            }
            for (int l = 0; l < factors[0].length; l++) {
                double share = atoms.tiltShare(l, block.start + i);
                for (int k = 0; k < factors.length; k++) {
                    into[k][i] += factors[k][l] * share;
                }
            }
        }
    }
}
