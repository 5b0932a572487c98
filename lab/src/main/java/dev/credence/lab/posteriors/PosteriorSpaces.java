package dev.credence.lab.posteriors;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.probability.TableModel;
import dev.credence.data.rewards.EvidenceSpace;
import dev.credence.data.rewards.NamedReward;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.lab.models.ModelWorld;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a question is asked: of a world, of the table of a model's texts, or of these texts one by one. */
final class PosteriorSpaces {
    private PosteriorSpaces() {}

    /**
     * A world: its own rewards, and those of its outcomes' texts.
     *
     * @param world the world
     * @param question what is asked
     */
    record OfWorld(WorldInput world, PosteriorQuestion question) implements EvidenceSpace {
        @Override
        public NamedReward reward(@Nullable String typed) {
            return typed == null ? world.reward("reward", question.reward()) : world.reward("evidence", typed);
        }

        @Override
        public boolean isRewardChosen() {
            return question.reward() != null;
        }

        @Override
        public Optional<TableModel> prior() {
            return Optional.of(world.world().prior());
        }
    }

    /** A model's texts, of which there is no table. */
    static final class OfTexts implements EvidenceSpace {
        private final PosteriorQuestion question;
        private final Map<String, NamedReward> known =
                new HashMap<>(); // one object each: their automata take long to make

        OfTexts(PosteriorQuestion question) {
            this.question = question;
        }

        @Override
        public NamedReward reward(@Nullable String typed) {
            String text = typed == null ? question.reward() : typed;
            return text == null ? question.ofModel(null) : known.computeIfAbsent(text, question::ofModel);
        }

        @Override
        public boolean isRewardChosen() {
            return question.reward() != null;
        }

        @Override
        public String whyNotAllTexts() {
            return "it needs the rewards of all texts: choose a shorter horizon, and leave until, budget, draw and next"
                    + " out";
        }
    }

    /** A model's texts, enumerated: rewards and evidence were asked of each, and are known by the outcomes' names. */
    static final class OfTable implements EvidenceSpace {
        private final PosteriorQuestion question;
        private final Map<String, NamedReward> rewards = new HashMap<>(); // by what was typed
        private final ModelWorld world;

        OfTable(PosteriorQuestion question, ModelPrompts texts) {
            this.question = question;
            List<RewardExpression> expressions = new ArrayList<>();
            for (String typed : typed()) {
                NamedReward reward = question.ofModel(typed);
                rewards.put(typed, reward);
                if (!expressions.contains(expression(reward))) {
                    expressions.add(expression(reward));
                }
            }
            this.world = ModelWorld.of(texts, expressions, question.evidence().ofTexts());
        }

        private List<String> typed() {
            List<String> typed = new ArrayList<>(question.evidence().rewards());
            if (question.reward() != null) {
                typed.add(question.reward());
            }
            return typed;
        }

        private static RewardExpression expression(NamedReward reward) {
            return (RewardExpression) reward.function(); // as PosteriorQuestion.ofModel made it
        }

        @Override
        public NamedReward reward(@Nullable String typed) {
            String text = typed == null ? question.reward() : typed;
            NamedReward known = text == null ? question.ofModel(null) : Objects.requireNonNull(rewards.get(text));
            return new NamedReward(known.name(), world.reward(expression(known)));
        }

        @Override
        public boolean isRewardChosen() {
            return question.reward() != null;
        }

        @Override
        public Evidence seen(Evidence ofTexts) {
            return world.evidence(ofTexts);
        }

        @Override
        public Optional<TableModel> prior() {
            return Optional.of(world.prior());
        }
    }
}
