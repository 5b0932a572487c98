package dev.credence.methods.training;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Demonstrations;
import dev.credence.methods.MethodCard;
import dev.credence.methods.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Supervised fine-tuning: maximum likelihood of demonstrations, argmin KL(demonstrations‖policy). It is imitation and
 * conditions on nothing; of one text alone its limit is the prior given that very text.
 *
 * @param demonstrations the texts; none where one observation is learned
 * @param observation one text to learn, of the only prompt; empty for the demonstrations
 * @param schedule how long and how fast
 */
public record Sft(
        @Setting(help = HELP) Demonstrations demonstrations,

        @Setting(help = "one text to learn, of the only prompt, instead of demonstrations")
        Optional<String> observation,

        Schedule schedule)
        implements TrainedConditioner, Scheduled<Sft> {
    private static final String HELP =
            "give a file of texts to imitate: JSON Lines with completion, and prompt where there are several";
    private static final String WAY = "KL(demonstrations‖policy): maximum likelihood";

    /** Without texts: it aims at nothing yet. */
    public Sft() {
        this(Demonstrations.NONE, Optional.empty(), Schedule.STANDARD);
    }

    /**
     * Of demonstrations.
     *
     * @param demonstrations the texts
     * @return the method
     */
    public static Sft of(Demonstrations demonstrations) {
        return new Sft(demonstrations, Optional.empty(), Schedule.STANDARD);
    }

    /**
     * Of one text.
     *
     * @param text of the only prompt
     * @return the method
     */
    public static Sft of(String text) {
        return new Sft(Demonstrations.NONE, Optional.of(text), Schedule.STANDARD);
    }

    @Override
    public Sft scheduled(Schedule other) {
        return new Sft(demonstrations, observation, other);
    }

    @Override
    public MethodCard card() {
        return MethodCard.of(
                        new Sft(),
                        "sft",
                        "imitate demonstrations by maximum likelihood; so many samples of each prompt a step",
                        "Ouyang et al. 2022, first stage; docs/theory.md#imitation")
                .alias("imitation");
    }

    @Override
    public Aim aim(RewardType type) {
        if (observation.isPresent()) {
            String text = observation.get();
            return Aim.at(Evidence.event("the text is '" + text + "'", (prompt, own) -> own.equals(text)), WAY);
        }
        Demonstrations all = texts();
        return Aim.atNoPosterior(
                        "the distribution of " + all.all().size() + " demonstrations",
                        WAY,
                        "imitation ends at the demonstrations' own distribution, whatever the prior was; the prior speaks only"
                                + " through what training does not reach")
                .tendingTo((prior, reward) -> empirical(prior, all));
    }

    /** The demonstrations' frequencies; the prior for prompts that have none. */
    private static TableModel empirical(TableModel prior, Demonstrations all) {
        Map<String, List<Demonstrations.One>> byPrompt = all.byPrompt(prior.prompts());
        return prior.map((prompt, texts) -> {
            List<Demonstrations.One> own = byPrompt.getOrDefault(prompt, List.of());
            if (own.isEmpty()) {
                return texts;
            }
            double[] count = new double[texts.size()];
            for (Demonstrations.One one : own) {
                int i = texts.indexOf(one.text());
                if (i < 0) {
                    throw all.refuse(one, "completion", one.text(), "the prior has no such text");
                }
                count[i]++;
            }
            return Distribution.ofLogWeights(
                    texts.outcomes(), Arrays.stream(count).map(Math::log).toArray());
        });
    }

    private Demonstrations texts() {
        if (observation.isPresent()) {
            return Demonstrations.of(observation.get());
        }
        if (demonstrations.all().isEmpty()) {
            throw InputException.ofSetting("demonstrations", "missing", HELP);
        }
        return demonstrations;
    }

    @Override
    public TrainingSettings at(TrainingSettings.Place place) {
        return schedule.at(place);
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, TrainingSettings settings) {
        return new ImitationTraining(policy, task, ImitationSource.demonstrated(task, texts()), 1, settings);
    }

    /** Demonstrations may be as unlikely under the prior as they like. */
    @Override
    public TrainingLimits limits(TrainingLimits standard) {
        return new TrainingLimits(Double.POSITIVE_INFINITY, standard.effective());
    }
}
