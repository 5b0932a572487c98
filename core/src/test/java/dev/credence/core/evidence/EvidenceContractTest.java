package dev.credence.core.evidence;

import dev.credence.core.ContractOf;
import dev.credence.core.posterior.MeanReward;
import dev.credence.core.probability.TableModel;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;

/** All evidence that is made here, and all likelihoods of rewards, keep their contracts. */
class EvidenceContractTest {
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    @Nested
    @ContractOf({
        "PromptEvidence",
        "EventEvidence",
        "RewardEvidence",
        "BoundedEvidence",
        "JointEvidence",
        "RepeatedEvidence"
    })
    class OfTexts extends EvidenceContract {
        @Override
        protected Stream<Evidence> evidence() {
            RewardFunction length = (prompt, text) -> text.length();
            RewardFunction share = (prompt, text) -> text.length() / 4.0;
            RewardFunction admissible = (prompt, text) -> text.startsWith("c") ? -INFINITY : text.indexOf('b');
            RewardFunction log = (prompt, text) -> -0.5 * text.length();
            return Stream.of(
                    Evidence.prompt("ab"),
                    Evidence.prompt(""),
                    Evidence.event("an even length", (prompt, text) -> text.length() % 2 == 0),
                    Evidence.event("nothing at all", (prompt, text) -> false),
                    Evidence.probability(share),
                    Evidence.reward(length).times(2),
                    Evidence.reward(length).times(-1),
                    Evidence.reward(length).times(0),
                    Evidence.reward(length).atKl(0.5),
                    Evidence.reward(length).atKl(INFINITY),
                    Evidence.reward(admissible).times(-1.5),
                    Evidence.reward(log, RewardType.LOG_PROBABILITY).times(3),
                    Evidence.reward(share, RewardType.PROBABILITY).times(1),
                    Evidence.rewardLevel(2, length),
                    Evidence.rewardLevel(1, 2, length),
                    Evidence.positive("not empty", length),
                    Evidence.of(RewardLikelihood.atLeast(1), admissible),
                    Evidence.of(RewardLikelihood.copies(0), share),
                    Evidence.of(RewardLikelihood.copies(2.5), share),
                    Evidence.of(RewardLikelihood.poissonRaters(2.5), share),
                    Evidence.of(RewardLikelihood.tilt(0.7), length),
                    Evidence.prompt("a").and(Evidence.reward(length).times(2)),
                    Evidence.event("no b", (prompt, text) -> text.indexOf('b') < 0)
                            .times(2),
                    Evidence.prompt("a").and(Evidence.reward(length).times(2)).bounded(-INFINITY, 6));
        }
    }

    @Nested
    @ContractOf("TableEvidence")
    class OfATable extends EvidenceContract {
        @Override
        protected Stream<Evidence> evidence() {
            TableModel prior = prior();
            RewardFunction reward = (prompt, text) -> text.length() % 3 + (text.startsWith("b") ? 0.5 : 0);
            return Stream.concat(
                    Stream.of(Evidence.beats(4, reward, prior), Evidence.topQuantile(0.2, reward, prior)),
                    Stream.of(
                                    RewardLikelihood.tilt(2),
                                    RewardLikelihood.tilt(INFINITY),
                                    RewardLikelihood.tilt(1).rounds(2),
                                    RewardLikelihood.lucePool(5),
                                    RewardLikelihood.softBestOf(4, 2),
                                    RewardLikelihood.amongBest(2, 7),
                                    RewardLikelihood.beats(2).rounds(3),
                                    new MeanReward(1.5))
                            .map(likelihood -> Evidence.of(likelihood, reward, prior)));
        }
    }

    @Nested
    @ContractOf({
        "Tilting",
        "ExtremeReward",
        "BestOfDraws",
        "TopShare",
        "PoolShare",
        "RewardRange",
        "LucePool",
        "PoissonRaters",
        "ProbabilityCopies",
        "Rounds",
        "MeanReward",
        "ClippedAdvantage",
        "JointLikelihood"
    })
    class OfRewards extends RewardLikelihoodContract {
        @Override
        protected Stream<RewardLikelihood> likelihoods() {
            return Stream.of(
                    RewardLikelihood.tilt(0),
                    RewardLikelihood.tilt(3),
                    RewardLikelihood.tilt(-0.5),
                    RewardLikelihood.tilt(INFINITY),
                    RewardLikelihood.tilt(-INFINITY),
                    RewardLikelihood.beats(0.5),
                    RewardLikelihood.beats(1),
                    RewardLikelihood.beats(4),
                    RewardLikelihood.topQuantile(1),
                    RewardLikelihood.topQuantile(0.3),
                    RewardLikelihood.topQuantile(0.15),
                    RewardLikelihood.amongBest(2, 7),
                    RewardLikelihood.amongBest(1.5, 4),
                    RewardLikelihood.amongBest(3, 3),
                    RewardLikelihood.level(0.5),
                    RewardLikelihood.range(0.2, 0.9),
                    RewardLikelihood.atLeast(0.5),
                    RewardLikelihood.lucePool(1),
                    RewardLikelihood.lucePool(5),
                    RewardLikelihood.softBestOf(4, 0),
                    RewardLikelihood.softBestOf(4, 2.5),
                    RewardLikelihood.softBestOf(4, INFINITY),
                    RewardLikelihood.poissonRaters(0),
                    RewardLikelihood.poissonRaters(2.5),
                    RewardLikelihood.copies(0),
                    RewardLikelihood.copies(2.5),
                    RewardLikelihood.atLeast(0.5).and(RewardLikelihood.tilt(0.5)),
                    RewardLikelihood.copies(1)
                            .and(RewardLikelihood.range(0.2, 0.9).times(3)),
                    RewardLikelihood.poissonRaters(2).times(-0.5).and(RewardLikelihood.tilt(-1)),
                    RewardLikelihood.atLeast(0.5).times(0),
                    RewardLikelihood.atLeast(0.2).and(RewardLikelihood.tilt(1)).rounds(2),
                    RewardLikelihood.beats(2).rounds(3),
                    RewardLikelihood.topQuantile(0.5).rounds(2),
                    RewardLikelihood.tilt(2).rounds(2),
                    RewardLikelihood.clippedAdvantage(0.5, 20),
                    RewardLikelihood.clippedAdvantage(0.1, 1.5),
                    RewardLikelihood.clippedAdvantage(0.5, 2).rounds(2),
                    new MeanReward(0.5),
                    new MeanReward(0.6).rounds(2));
        }
    }
}
