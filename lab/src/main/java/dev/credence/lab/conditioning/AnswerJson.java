package dev.credence.lab.conditioning;

import dev.credence.core.posterior.Aim;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.data.json.Json;
import dev.credence.methods.TrainingEnd;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Asked, aimed and got as programs read them: the field {@code methods} of {@code credence.condition/1}. */
public final class AnswerJson {
    /** Outcomes of a prompt that JSON holds at most. */
    private static final int OUTCOMES = 1000;

    private AnswerJson() {}

    /**
     * Puts several methods' answers, and the causes of those that have none, into a document.
     *
     * @param document to be written by {@link Json}
     * @param answers what came of them
     * @param asked what each was asked
     */
    public static void put(Map<String, @Nullable Object> document, MethodAnswers answers, Answer.Asked asked) {
        document.put("methods", json(answers.answers(), asked));
        if (!answers.failed().isEmpty()) {
            document.put(
                    "failed",
                    answers.failed().stream()
                            .map(one -> Map.of("method", one.method(), "label", one.label(), "cause", one.cause()))
                            .toList());
        }
    }

    /**
     * Several methods' answers.
     *
     * @param runs the answers
     * @param asked what each was asked
     * @return one map an answer, to be written by {@link Json}
     */
    public static List<Map<String, @Nullable Object>> json(List<Answer> runs, Answer.Asked asked) {
        return runs.stream().map(run -> json(run, asked)).toList();
    }

    private static Map<String, @Nullable Object> json(Answer run, Answer.Asked asked) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("method", run.method());
        fields.put("options", run.settings());
        Map<String, @Nullable Object> question = new LinkedHashMap<>();
        question.put("evidence", run.asked());
        question.put(asked.evidence() == null ? "reward" : "expression", asked.rewardName());
        question.put("beta", asked.beta());
        question.put("copies", 1 / asked.beta());
        fields.put("asked", question);
        fields.put("aimed", aimed(run.aim()));
        fields.put("got", Json.findings(run.findings()));
        fields.put("verdict", run.audit().verdict().label().words());
        OptionalDouble draws = run.cost().drawsPerText();
        OptionalLong calls = run.cost().modelCalls();
        fields.put("drawsPerText", draws.isPresent() ? draws.getAsDouble() : null);
        fields.put("modelCalls", calls.isPresent() ? calls.getAsLong() : null);
        fields.put("seconds", run.cost().seconds() > 0 ? run.cost().seconds() : null);
        fields.put("training", run.training() == null ? null : training(run.training()));
        fields.put("policy", run.policy() == null ? null : policy(run.policy()));
        return fields;
    }

    private static Map<String, @Nullable Object> aimed(Aim aim) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("evidence", aim.evidence());
        fields.put("divergence", aim.divergence());
        if (aim.noPosterior() != null) {
            fields.put("noPosterior", aim.noPosterior());
        }
        return fields;
    }

    private static Map<String, @Nullable Object> training(TrainingEnd end) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("end", end.why());
        if (end.toLimit()) {
            fields.put("limitReached", end.reached());
            fields.put(
                    "limitDistance", end.distance().isPresent() ? end.distance().getAsDouble() : null);
        }
        fields.put("gradientNorm", end.gradientNorm());
        fields.put(
                "equalGroups", end.equalGroups().isPresent() ? end.equalGroups().getAsDouble() : null);
        return fields;
    }

    private static Map<String, @Nullable Object> policy(TableModel policy) {
        Map<String, @Nullable Object> prompts = new LinkedHashMap<>();
        for (String prompt : policy.prompts()) {
            Distribution distribution = policy.given(prompt);
            Map<String, @Nullable Object> outcomes = new LinkedHashMap<>();
            for (int i : likeliest(distribution)) {
                outcomes.put(distribution.outcome(i), distribution.probability(i));
            }
            prompts.put(prompt, outcomes);
        }
        return prompts;
    }

    /** All outcomes in their order; of a model's many the likeliest, these first. */
    private static int[] likeliest(Distribution distribution) {
        IntStream all = IntStream.range(0, distribution.size());
        if (distribution.size() <= OUTCOMES) {
            return all.toArray();
        }
        return all.boxed()
                .sorted(Comparator.comparingDouble(i -> -distribution.logProbability(i)))
                .limit(OUTCOMES)
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
