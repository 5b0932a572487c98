package dev.credence.core.audit;

/** A conditional of one prompt's prior, as what it makes of the prior's masses. */
@FunctionalInterface
interface Conditional {
    /**
     * Weighs a block's atoms.
     *
     * @param block the atoms
     * @param logWeights where to write ln w̄/ū, nats; −∞ outside the conditional's support
     * @param weights where to write w̄
     */
    void weigh(AtomBlock block, double[] logWeights, double[] weights);
}
