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
 */
record Member(Atoms atoms, Moments moments, @Nullable Target asked) {
    /** Asks for so many copies of the reward; NaN asks for nothing. */
    static Member of(Atoms atoms, double askedCopies) {
        Moments moments = Moments.of(atoms);
        return new Member(
                atoms,
                moments,
                Double.isNaN(askedCopies) ? null : Target.of(atoms, Tilt.of(atoms, moments, askedCopies)));
    }

    /** The same prompt held against so many copies of the reward. */
    Member asking(double copies) {
        return new Member(atoms, moments, Target.of(atoms, Tilt.of(atoms, moments, copies)));
    }

    /** The same prompt held against other evidence. */
    Member asking(RewardLikelihood evidence) {
        return new Member(atoms, moments, Target.of(atoms, evidence));
    }

    /** The stated target. */
    Target target() {
        return Objects.requireNonNull(asked);
    }
}
