package dev.credence.methods;

/** From a KL coefficient to copies of the reward. */
final class NominalCopies {
    private NominalCopies() {}

    /** λ = 1/β; ∞ for β = 0, of either sign. */
    static double at(double beta) {
        return 1 / Math.abs(beta);
    }
}
