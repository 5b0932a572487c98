package dev.credence.core.audit;

import dev.credence.core.evidence.RewardLikelihood;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One prompt's atoms with what is known of them before λ is fitted.
 *
 * @param atoms the atoms
 * @param moments their moments
 * @param asked the policy against a stated target, or null where none is stated
 * @param found what is found of it when it is asked for
 */
record PromptAtoms(
        Atoms atoms, AtomMoments moments, @Nullable Target asked, Found found) {
    /**
     * What the overall audit and the prompt's own both ask for.
     *
     * @param isKept whether it is kept once it is found
     * @param askedOverlap how well the records carry the stated target
     * @param regression sums of the nuisance regression
     * @param ownPowers powers of the influences that are the prompt's own
     * @param normalisation means of the weights
     * @param odds how labels go with log-probabilities
     * @param tilts how labels of tilts go with them
     * @param sampled the plain mean of the log-ratio
     */
    private record Found(
            boolean isKept,
            Memo<Overlap> askedOverlap,
            Memo<Nuisances.Sums> regression,
            Memo<InfluencePowers> ownPowers,
            Memo<Normalisation.Own> normalisation,
            Memo<double[]> odds,
            Memo<List<TiltLabels.Direction>> tilts,
            Memo<SampledKl> sampled) {
        /** Of one prompt among so many that what is found of each is found again when it is asked for again. */
        static final Found AGAIN = new Found(
                false,
                Memo.keepingNothing(),
                Memo.keepingNothing(),
                Memo.keepingNothing(),
                Memo.keepingNothing(),
                Memo.keepingNothing(),
                Memo.keepingNothing(),
                Memo.keepingNothing());

        static Found once() {
            return new Found(
                    true,
                    new Memo<>(),
                    new Memo<>(),
                    new Memo<>(),
                    new Memo<>(),
                    new Memo<>(),
                    new Memo<>(),
                    new Memo<>());
        }
    }

    /** Asks for so many copies of the reward; NaN asks for nothing. */
    static PromptAtoms of(Atoms atoms, double askedCopies) {
        AtomMoments moments = AtomMoments.of(atoms);
        return new PromptAtoms(atoms, moments, target(atoms, moments, askedCopies), Found.once());
    }

    /** The same of one prompt among very many: nothing is kept of it but this. */
    static PromptAtoms ofMany(Atoms atoms, double askedCopies) {
        AtomMoments moments = AtomMoments.of(atoms);
        return new PromptAtoms(atoms, moments, target(atoms, moments, askedCopies), Found.AGAIN);
    }

    /**
     * A prompt whose records another process holds.
     *
     * @param known what is known of them
     * @param holder that process
     */
    static PromptAtoms elsewhere(Known known, int holder) {
        return new PromptAtoms(new AtomsElsewhere(known.atoms, holder), known.moments, known.asked, Found.AGAIN);
    }

    /**
     * What all processes know of a prompt.
     *
     * @param atoms its records
     * @param moments their moments, without levels
     * @param asked the stated target, or null
     * @serial exclude
     */
    record Known(
            AtomsElsewhere.Known atoms,
            AtomMoments moments,
            @Nullable Target asked) implements Serializable {}

    /** What all processes know of it. */
    Known known() {
        return new Known(AtomsElsewhere.Known.of(atoms), moments.withoutLevels(), asked == null ? null : asked.told());
    }

    private static @Nullable Target target(Atoms atoms, AtomMoments moments, double copies) {
        return Double.isNaN(copies) ? null : Target.of(atoms, AtomTilt.of(atoms, moments, copies));
    }

    /** The same prompt held against so many copies of the reward. */
    PromptAtoms asking(double copies) {
        return asking(target(atoms, moments, copies));
    }

    /** The same prompt held against other evidence. */
    PromptAtoms asking(RewardLikelihood evidence) {
        return asking(Target.of(atoms, evidence));
    }

    /** The same prompt with a target that another process found, which holds the records. */
    PromptAtoms withTarget(@Nullable Target target) {
        return asking(target);
    }

    private PromptAtoms asking(@Nullable Target target) {
        return new PromptAtoms(atoms, moments, target, found.isKept ? Found.once() : Found.AGAIN);
    }

    /** How well the records carry the stated target. */
    Overlap targetOverlap() {
        return found.askedOverlap.get(() -> Overlap.of(atoms, target().conditional()));
    }

    /** The sums of the nuisance regression. */
    Nuisances.Sums regressionSums() {
        return found.regression.get(() -> Nuisances.Sums.of(atoms));
    }

    /** Powers of the influences of {@link PromptInfluence}. */
    InfluencePowers influencePowers() {
        return found.ownPowers.get(
                () -> InfluencePowers.of(atoms, PromptInfluence.FIGURES.length, () -> new PromptInfluence(this)));
    }

    /** The means of the weights. */
    Normalisation.Own weightMeans() {
        return found.normalisation.get(() -> Normalisation.Own.of(atoms));
    }

    /** How labels go with log-probabilities, by alternative of {@link SourceOdds}. */
    double[] sourceOdds() {
        return found.odds.get(() -> SourceOdds.growth(atoms));
    }

    /** How labels of tilts go with log-probabilities, reward and λ; empty where there are none. */
    List<TiltLabels.Direction> tiltLabels() {
        return found.tilts.get(() -> TiltLabels.of(atoms));
    }

    /** The plain mean of the log-ratio over the policy's records. */
    SampledKl sampledKl() {
        return found.sampled.get(() -> SampledKl.of(atoms));
    }

    /** The stated target. */
    Target target() {
        return Objects.requireNonNull(asked);
    }
}
