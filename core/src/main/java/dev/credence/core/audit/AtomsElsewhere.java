package dev.credence.core.audit;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** The records of a prompt that another process holds: what is known of them without a pass, and nothing that needs one. */
final class AtomsElsewhere extends Atoms {
    /**
     * What all know of a prompt's records.
     *
     * @param prompt the prompt
     * @param weight its share of the overall means
     * @param records (strata) of prior and policy
     * @param hasUnits whether records were drawn in groups
     * @param recognisedGroup the size of groups that no field names, or 0
     * @param hasTokens whether token counts are known
     * @param hasTokenKl whether next-token divergences are
     * @param hasTexts whether texts are
     * @param range within which the reward is stated to lie, or null
     * @serial exclude
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Known(
            String prompt,
            double weight,
            int[] records,
            boolean hasUnits,
            int recognisedGroup,
            boolean hasTokens,
            boolean hasTokenKl,
            boolean hasTexts,
            AuditOptions.@Nullable Range range)
            implements Serializable {
        static Known of(Atoms atoms) {
            int[] records = new int[atoms.strata()];
            for (int s = 0; s < records.length; s++) {
                records[s] = atoms.records(s);
            }
            return new Known(
                    atoms.prompt(),
                    atoms.weight(),
                    records,
                    atoms.hasUnits(),
                    atoms.recognisedGroup(),
                    atoms.hasTokens(),
                    atoms.hasTokenKl(),
                    atoms.hasTexts(),
                    atoms.range());
        }
    }

    private final Known known;
    private final int holder;
    private final int size;

    AtomsElsewhere(Known known, int holder) {
        super(known.prompt, known.weight);
        this.known = known;
        this.holder = holder;
        this.size = java.util.Arrays.stream(known.records).sum();
        recognise(known.recognisedGroup);
    }

    private static IllegalStateException elsewhere() {
        return new IllegalStateException("these records are in another process");
    }

    @Override
    int holder(int here) {
        return holder;
    }

    @Override
    int size() {
        return size;
    }

    @Override
    int strata() {
        return known.records.length;
    }

    @Override
    int records(int stratum) {
        return known.records[stratum];
    }

    @Override
    boolean hasUnits() {
        return known.hasUnits;
    }

    @Override
    boolean startsUnit(int position) {
        throw elsewhere();
    }

    @Override
    void loadRaw(int from, AtomBlock block) {
        throw elsewhere();
    }

    @Override
    double reward(int position) {
        throw elsewhere();
    }

    @Override
    @Nullable
    LevelIndex levels() {
        throw elsewhere();
    }

    @Override
    boolean hasTokens() {
        return known.hasTokens;
    }

    @Override
    boolean hasTokenKl() {
        return known.hasTokenKl;
    }

    @Override
    double tokenKl(int position) {
        throw elsewhere();
    }

    @Override
    boolean hasTexts() {
        return known.hasTexts;
    }

    @Override
    long @Nullable [] texts() {
        throw elsewhere();
    }

    @Override
    AuditOptions.@Nullable Range range() {
        return known.range;
    }

    @Override
    double kept(int position) {
        throw elsewhere();
    }

    @Override
    double priorKept(int position) {
        throw elsewhere();
    }

    @Override
    double policyKept(int position) {
        throw elsewhere();
    }

    @Override
    double unrecordedMass() {
        throw elsewhere();
    }

    @Override
    double massOutsidePrior() {
        return 0; // of a log
    }
}
