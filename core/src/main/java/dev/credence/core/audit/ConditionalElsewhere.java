package dev.credence.core.audit;

/** A conditional of records that another process holds. */
enum ConditionalElsewhere implements Conditional {
    /** The only one. */
    IT;

    @Override
    public void weigh(AtomBlock block, double[] logWeights, double[] weights) {
        throw new IllegalStateException("this conditional is of records in another process");
    }
}
