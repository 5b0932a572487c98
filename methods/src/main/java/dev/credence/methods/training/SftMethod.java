package dev.credence.methods.training;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.training.TrainablePolicy;
import dev.credence.methods.Aim;
import dev.credence.methods.Demonstrations;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Supervised fine-tuning: maximum likelihood of demonstrations, argmin KL(demonstrations‖policy). It is imitation and
 * conditions on nothing; of one text alone its limit is the prior given that very text.
 */
public final class SftMethod extends TrainedConditioner {
    private static final MethodOption DEMONSTRATIONS = new MethodOption(
            "demonstrations",
            "",
            "give a file of texts to imitate: JSON Lines with completion, and prompt where there are several");
    private static final MethodOption OBSERVATION =
            new MethodOption("observation", "", "one text to learn, of the only prompt, instead of demonstrations");
    private static final String WAY = "KL(demonstrations‖policy): maximum likelihood";

    /** Without state. */
    public SftMethod() {}

    @Override
    public MethodCard card() {
        List<MethodOption> options = new ArrayList<>(List.of(DEMONSTRATIONS, OBSERVATION));
        options.addAll(TrainingSettings.OPTIONS);
        return new MethodCard(
                "sft",
                List.of("imitation"),
                "imitate demonstrations by maximum likelihood; --samples of each prompt a step",
                "Ouyang et al. 2022, first stage; docs/theory.md#imitation",
                options);
    }

    @Override
    public Aim aim(MethodOptions options) {
        if (options.has(OBSERVATION.name())) {
            String text = options.text(OBSERVATION);
            return Aim.at(Evidence.event("the text is '" + text + "'", (prompt, own) -> own.equals(text)), WAY);
        }
        Demonstrations all = demonstrations(options);
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

    private static Demonstrations demonstrations(MethodOptions options) {
        if (options.has(OBSERVATION.name())) {
            return Demonstrations.of(options.text(OBSERVATION));
        }
        if (options.demonstrations().all().isEmpty()) {
            throw InputException.ofOption("--" + DEMONSTRATIONS.name(), "missing", DEMONSTRATIONS.help());
        }
        return options.demonstrations();
    }

    @Override
    public Training begin(TrainablePolicy policy, TrainingTask task, MethodOptions options, TrainingSettings settings) {
        ImitationSource source = ImitationSource.demonstrated(task, demonstrations(options));
        return new ImitationTraining(policy, task, source, 1, settings);
    }

    /** Demonstrations may be as unlikely under the prior as they like. */
    @Override
    public TrainingLimits limits(TrainingLimits standard) {
        return new TrainingLimits(Double.POSITIVE_INFINITY, standard.effective());
    }
}
