package dev.credence.data.rewards;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.posterior.TablePosterior;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The evidence that is asked, in one space: what it is called, how often it was seen, and of which reward it speaks. */
public final class AskedEvidence {
    private final String words;
    private final double copies;
    private final boolean isTilt;
    private final @Nullable NamedReward reward;
    private final @Nullable RewardLikelihood ofReward; // where it is about that one reward alone
    private final @Nullable Evidence evidence; // else

    private AskedEvidence(
            String words,
            double copies,
            @Nullable NamedReward reward,
            @Nullable RewardLikelihood ofReward,
            @Nullable Evidence evidence) {
        this.words = words;
        this.copies = copies;
        this.reward = reward;
        this.ofReward = ofReward;
        this.evidence = evidence;
        this.isTilt = false;
    }

    private AskedEvidence(double lambda, NamedReward reward) {
        this.ofReward = RewardLikelihood.tilt(lambda);
        this.words = ofReward.describe();
        this.copies = lambda;
        this.reward = reward;
        this.evidence = null;
        this.isTilt = true;
    }

    /**
     * Any evidence.
     *
     * @param evidence of the space's texts
     * @param copies of it that are in it
     * @param reward the reward whose mean is asked about, or null
     * @return it
     */
    public static AskedEvidence of(Evidence evidence, double copies, @Nullable NamedReward reward) {
        return new AskedEvidence(evidence.describe(), copies, reward, null, evidence);
    }

    /**
     * A reward, read as a log-likelihood.
     *
     * @param lambda copies, λ = 1/β; ∞ is the limit β = 0
     * @param reward the reward
     * @return λ·r
     */
    public static AskedEvidence tilt(double lambda, NamedReward reward) {
        return new AskedEvidence(lambda, reward);
    }

    /**
     * What was observed of one reward, once.
     *
     * @param likelihood what was observed
     * @param reward the reward
     * @return it
     */
    static AskedEvidence of(RewardLikelihood likelihood, NamedReward reward) {
        return new AskedEvidence(likelihood.describe(), 1, reward, likelihood, null);
    }

    /** The same joint evidence, in other words. */
    AskedEvidence inWords(String said) {
        return new AskedEvidence(said, copies, reward, ofReward, evidence);
    }

    /** So many copies of joint evidence. */
    AskedEvidence times(double n) {
        String said = FigureFormat.inWords(n) + " independent copies of: " + words;
        return new AskedEvidence(said, n, reward, null, ofEachText().times(n));
    }

    /** {@return what is observed} */
    public String words() {
        return words;
    }

    /** {@return how many copies, ∞ for the limit β = 0; 1 where copies have no meaning} */
    public double copies() {
        return copies;
    }

    /** {@return whether it is a reward itself, so that the copies are of the reward} */
    public boolean isTilt() {
        return isTilt;
    }

    /** {@return the reward whose mean is asked about, if any} */
    public Optional<NamedReward> reward() {
        return Optional.ofNullable(reward);
    }

    /**
     * As evidence that each text decides by itself.
     *
     * @return the evidence
     * @throws IllegalArgumentException if it depends on the rewards of all texts
     */
    public Evidence ofEachText() {
        return ofReward == null
                ? Objects.requireNonNull(evidence)
                : Evidence.of(ofReward, Objects.requireNonNull(reward).function());
    }

    /**
     * As evidence on a table's texts, where those that it has not have no likelihood if it depends on the rewards of all.
     *
     * @param prior of all texts
     * @return the evidence
     * @throws InputException if it is not about such rewards
     */
    public Evidence over(TableModel prior) {
        if (ofReward == null || (isTilt && Double.isFinite(copies))) {
            return ofEachText();
        }
        try {
            return Evidence.of(ofReward, Objects.requireNonNull(reward).function(), prior);
        } catch (NoPosteriorException | InputException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting(EvidenceExpression.SETTING, words, String.valueOf(e.getMessage()));
        }
    }

    /**
     * The exact posterior of a table.
     *
     * @param prior of all texts
     * @return the posterior
     * @throws NoPosteriorException if there is none
     * @throws InputException if the evidence is not about such rewards
     */
    public TablePosterior posterior(TableModel prior) {
        try {
            return ofReward == null
                    ? TablePosterior.of(prior, Objects.requireNonNull(evidence))
                    : TablePosterior.of(prior, Objects.requireNonNull(reward).function(), ofReward);
        } catch (NoPosteriorException | InputException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting(EvidenceExpression.SETTING, words, String.valueOf(e.getMessage()));
        }
    }
}
