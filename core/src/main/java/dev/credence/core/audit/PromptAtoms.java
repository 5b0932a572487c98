package dev.credence.core.audit;

import dev.credence.core.evidence.RewardLikelihood;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One prompt's atoms with what is known of them before λ is fitted.
 *
 * @param atoms the atoms
 * @param moments their moments
 * @param asked the policy against a stated target, or null where none is stated
 * @param askedOverlap how well the records carry that target
 * @param regression sums of the nuisance regression
 * @param ownPowers powers of the influences that are the prompt's own
 * @param normalisation means of the weights
 * @param odds how labels go with log-probabilities
 * @param sampled the plain mean of the log-ratio
 */
record PromptAtoms(
        Atoms atoms,
        AtomMoments moments,
        @Nullable Target asked,
        Memo<Overlap> askedOverlap,
        Memo<Nuisances.Sums> regression,
        Memo<InfluencePowers> ownPowers,
        Memo<Normalisation.Own> normalisation,
        Memo<double[]> odds,
        Memo<SampledKl> sampled) {
    private static PromptAtoms of(Atoms atoms, AtomMoments moments, @Nullable Target asked) {
        return new PromptAtoms(
                atoms,
                moments,
                asked,
                new Memo<>(),
                new Memo<>(),
                new Memo<>(),
                new Memo<>(),
                new Memo<>(),
                new Memo<>());
    }

    /** Asks for so many copies of the reward; NaN asks for nothing. */
    static PromptAtoms of(Atoms atoms, double askedCopies) {
        AtomMoments moments = AtomMoments.of(atoms);
        return of(
                atoms,
                moments,
                Double.isNaN(askedCopies) ? null : Target.of(atoms, AtomTilt.of(atoms, moments, askedCopies)));
    }

    /** The same prompt held against so many copies of the reward. */
    PromptAtoms asking(double copies) {
        return of(atoms, moments, Target.of(atoms, AtomTilt.of(atoms, moments, copies)));
    }

    /** The same prompt held against other evidence. */
    PromptAtoms asking(RewardLikelihood evidence) {
        return of(atoms, moments, Target.of(atoms, evidence));
    }

    /** How well the records carry the stated target. */
    Overlap targetOverlap() {
        return askedOverlap.get(() -> Overlap.of(atoms, target().conditional()));
    }

    /** The sums of the nuisance regression. */
    Nuisances.Sums regressionSums() {
        return regression.get(() -> Nuisances.Sums.of(atoms));
    }

    /** Powers of the influences of {@link PromptInfluence}. */
    InfluencePowers influencePowers() {
        return ownPowers.get(
                () -> InfluencePowers.of(atoms, PromptInfluence.FIGURES.length, () -> new PromptInfluence(this)));
    }

    /** The means of the weights. */
    Normalisation.Own weightMeans() {
        return normalisation.get(() -> Normalisation.Own.of(atoms));
    }

    /** How labels go with log-probabilities, by alternative of {@link SourceOdds}. */
    double[] sourceOdds() {
        return odds.get(() -> SourceOdds.growth(atoms));
    }

    /** The plain mean of the log-ratio over the policy's records. */
    SampledKl sampledKl() {
        return sampled.get(() -> SampledKl.of(atoms));
    }

    /** The stated target. */
    Target target() {
        return Objects.requireNonNull(asked);
    }
}
