package dev.credence.lab.rollouts;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.Field;
import dev.credence.data.rollouts.FieldMap;
import dev.credence.data.rollouts.RawRecords;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.OpenModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Completes a log: scores its texts under both models where log-probabilities are missing, and draws from a model that has
 * no records of a prompt as many as the other one has. Fields that are not known stay; those of the contract get its names.
 */
public final class LogCompletion {
    private static final int BATCH = 1024;
    private static final double SAME_REWARD = 1e-4; // a logged reward may have been written with few digits
    private static final List<String> SHARED = List.of(Field.PROMPT_WEIGHT.key(), Field.SPLIT.key());

    private final ModelPair models;
    private final How how;
    private final LogDivergence divergence;
    private final List<String> settled = new ArrayList<>();
    private final List<ObjectNode> records = new ArrayList<>();
    private final Map<String, int[]> prompts = new LinkedHashMap<>();
    private final Map<String, ObjectNode> ofPrompt = new LinkedHashMap<>(); // what all records of a prompt share
    private final Map<String, int[]> counts = new LinkedHashMap<>(); // by prompt: records of prior, policy
    private @Nullable UntoldTokens untold;
    private int longest;
    private long scored;
    private long drawn;
    private long left;
    private long retokenised;

    /**
     * How a log is completed.
     *
     * @param fields where it keeps its fields
     * @param rewards computed of each text, by name; none where the log's own are enough
     * @param begin whether prompts get the begin token
     * @param samples texts to draw a prompt; 0: as many as there are from the other model
     * @param maxNewTokens where drawn texts are cut; 0: at the longest of the log
     * @param skipsBad whether texts that cannot be tokenised are left out
     */
    public record How(
            FieldMap fields,
            Map<String, RewardExpression> rewards,
            BeginToken begin,
            int samples,
            int maxNewTokens,
            boolean skipsBad) {}

    /**
     * A completion of nothing yet.
     *
     * @param models both models
     * @param how as above
     */
    public LogCompletion(ModelPair models, How how) {
        this.models = models;
        this.how = how;
        this.divergence = new LogDivergence(models.hasDistributions() ? models.divergence() : null);
    }

    /**
     * Reads a log and scores what is not scored.
     *
     * @param file its name, or {@code -}
     * @param standardInput what {@code -} stands for
     * @throws IOException if reading fails
     * @throws InputException naming the line of a record that cannot be scored
     */
    public void read(String file, InputStream standardInput) throws IOException {
        read(file, standardInput, RecordChoice.ALL);
    }

    /**
     * Reads some records of a log and scores what is not scored.
     *
     * @param file its name, or {@code -}
     * @param standardInput what {@code -} stands for
     * @param choice which records, and how they are to be read
     * @throws IOException if reading fails
     * @throws InputException naming the line of a record that cannot be scored
     */
    public void read(String file, InputStream standardInput, RecordChoice choice) throws IOException {
        untold = untold != null ? untold : new UntoldTokens(models, choice.leavesOutMarks());
        List<Pending> batch = new ArrayList<>();
        try (RawRecords source = RawRecords.open(file, standardInput)) {
            for (ObjectNode record = source.next(); record != null; record = source.next()) {
                try {
                    ContractNames.give(record, how.fields());
                    if (choice.takes(record, source)) {
                        take(record, source, batch);
                    }
                } catch (InputException e) {
                    if (!how.skipsBad()) {
                        throw e;
                    }
                    left++;
                }
                if (batch.size() == BATCH) {
                    score(batch);
                }
            }
        }
        score(batch);
    }

    /** A record on its way, with its tokens. */
    private record Pending(ObjectNode record, Continuation text) {}

    private void take(ObjectNode record, RawRecords source, List<Pending> batch) {
        JsonNode from = record.path("source");
        if (!from.isTextual()) {
            throw source.bad(
                    "source",
                    from.isMissingNode() ? "missing" : from.toString(),
                    "it is prior or policy; a trainer's dump, which does not say, is read by its format (trl, verl or openrlhf)");
        }
        if (record.hasNonNull("step")) {
            throw source.bad(
                    "step",
                    record.path("step").toString(),
                    "a log with steps has a policy for each: complete the records of one step, without the field");
        }
        TextToScore reading = new TextToScore(models.prior(), how.begin());
        if (untold != null && record.path("prompt").isTextual() && untold.concerns(record)) {
            int[] prompt = reading.prompt(record, source);
            untold.add(record, prompt, source);
            register(record, prompt);
            return;
        }
        Continuation text = reading.of(record, source);
        try {
            models.check(text);
        } catch (IllegalArgumentException e) {
            throw source.bad("completion", "not what the models read", String.valueOf(e.getMessage()));
        }
        if (!record.has("ids")) {
            checkTokens(record, text, source);
            retokenised++;
        }
        register(record, text.prompt());
        longest = Math.max(longest, text.tokens().length);
        batch.add(new Pending(record, text));
    }

    /** Takes note of a record's prompt and source. */
    private void register(ObjectNode record, int[] ids) {
        JsonNode prompt = record.path("prompt");
        String from = record.path("source").asText();
        prompts.putIfAbsent(prompt.asText(), ids);
        ofPrompt.computeIfAbsent(
                prompt.asText(),
                key -> record.objectNode()
                        .setAll(SHARED.stream()
                                .filter(record::hasNonNull)
                                .collect(Collectors.toMap(field -> field, record::get))));
        int[] count = counts.computeIfAbsent(prompt.asText(), key -> new int[2]);
        count[0] += from.equals("prior") ? 1 : 0;
        count[1] += from.equals("policy") ? 1 : 0;
    }

    /** A text drawn as other tokens than its own tokenisation is another sequence, with another probability. */
    private static void checkTokens(ObjectNode record, Continuation text, RawRecords source) {
        JsonNode tokens = record.path("tokens");
        if (tokens.isInt() && tokens.intValue() != text.tokens().length) {
            throw source.bad(
                    "tokens",
                    tokens + ", but the completion's text makes " + text.tokens().length,
                    "the text was drawn as other tokens than it is made of, which its text does not tell; give its ids");
        }
    }

    private static boolean lacks(ObjectNode record, String sum, String terms) {
        return !record.hasNonNull(sum) && !record.hasNonNull(terms);
    }

    private void score(List<Pending> batch) {
        List<Pending> diverging = batch.stream()
                .filter(pending -> LogDivergence.isMissing(pending.record()))
                .toList();
        scored += divergence.set(
                diverging.stream().map(Pending::record).toList(),
                diverging.stream().map(Pending::text).toList());
        set(batch, models.prior(), "logp_prior");
        set(batch, models.policy(), "logp_policy");
        for (Pending pending : batch) {
            pending.record().put("tokens", pending.text().tokens().length);
            records.add(pending.record());
        }
        batch.clear();
    }

    private void set(List<Pending> batch, OpenModel model, String field) {
        List<Pending> lacking = batch.stream()
                .filter(pending -> lacks(pending.record(), field, "token_" + field))
                .toList();
        double[][] terms =
                model.model().logProbs(lacking.stream().map(Pending::text).toList());
        for (int i = 0; i < terms.length; i++) {
            lacking.get(i)
                    .record()
                    .put(field, Math.min(0, Arrays.stream(terms[i]).sum()));
        }
        scored += terms.length;
    }

    /**
     * Draws what is missing, and computes rewards.
     *
     * @param seed of the draws
     * @throws InputException if texts are drawn but no reward can be computed of them
     */
    public void fill(long seed) {
        settle(seed);
        settled.addAll(divergence.settle());
        SplittableRandom random = new SplittableRandom(seed);
        Drawing drawing = new Drawing(models, null, how.maxNewTokens() > 0 ? how.maxNewTokens() : longest);
        List<Rollout> missing = new ArrayList<>();
        counts.forEach((prompt, count) -> {
            int[] ids = prompts.getOrDefault(prompt, new int[0]);
            for (byte source : new byte[] {RolloutLog.PRIOR, RolloutLog.POLICY}) {
                if (count[source] == 0) {
                    int n = how.samples() > 0 ? how.samples() : Math.max(count[0], count[1]);
                    missing.addAll(drawing.draw(new Drawing.Source(prompt, ids, source), n, random.split()));
                }
            }
        });
        drawn = missing.size();
        if (drawn > 0 && how.rewards().isEmpty()) {
            throw InputException.ofSetting(
                    "reward", "missing", "the texts drawn for this log have no reward; name one of their text");
        }
        missing.forEach(rollout -> {
            ObjectNode record = rollout.record();
            record.setAll(ofPrompt.getOrDefault(rollout.prompt(), record.objectNode()));
            records.add(record);
        });
        if (!how.rewards().isEmpty()) {
            reward();
        }
    }

    /** Scores the texts whose tokens had to be found out. */
    private void settle(long seed) {
        List<Pending> batch = new ArrayList<>();
        List<UntoldTokens.Settled> found = untold == null ? List.of() : untold.settle(how.maxNewTokens(), seed);
        for (UntoldTokens.Settled one : found) {
            if (one.text() == null && !how.skipsBad()) {
                throw one.unreadable();
            } else if (one.text() == null) {
                left++;
            } else {
                longest = Math.max(longest, one.text().tokens().length);
                batch.add(new Pending(one.record(), one.text()));
            }
            if (batch.size() == BATCH) {
                score(batch);
            }
        }
        score(batch);
    }

    /** The named rewards take the place of the log's own, which stays as {@code reward_logged}. */
    private void reward() {
        List<Rollout> texts = records.stream()
                .map(record -> new Rollout(
                        record.path("prompt").asText(),
                        models.withoutEnd(record.path("completion").asText()),
                        new int[record.path("tokens").asInt()],
                        true,
                        RolloutLog.PRIOR,
                        0,
                        0,
                        Double.NaN,
                        Double.NaN,
                        Double.NaN))
                .toList();
        for (ObjectNode record : records) {
            if (record.hasNonNull("reward")) {
                record.set("reward_logged", record.get("reward"));
            }
            record.putObject("reward");
        }
        how.rewards().forEach((name, expression) -> {
            double[] values = DrawnRewards.evaluate(name, expression, texts);
            for (int i = 0; i < values.length; i++) {
                records.get(i).withObject("/reward").put(name, values[i]);
            }
        });
        String first = how.rewards().keySet().iterator().next();
        long compared = 0;
        long apart = 0;
        for (ObjectNode record : records) {
            JsonNode logged = record.path("reward_logged");
            if (logged.isNumber()) {
                double computed = record.path("reward").path(first).asDouble();
                compared++;
                apart += Math.abs(computed - logged.doubleValue()) > SAME_REWARD ? 1 : 0;
            }
        }
        if (apart > 0) {
            settled.add(String.format(
                    "warning: the reward %s is another than the log's own on %,d of %,d records: the figures are of the"
                            + " computed one",
                    first, apart, compared));
        }
    }

    /**
     * Writes the completed log as JSON Lines, whole or not at all.
     *
     * @param file where to
     * @throws IOException if writing fails
     */
    public void write(Path file) throws IOException {
        write(file, List.of(this));
    }

    /**
     * Writes completed logs one after the other.
     *
     * @param file where to
     * @param logs each a step's, in order
     * @throws IOException if writing fails
     */
    public static void write(Path file, List<LogCompletion> logs) throws IOException {
        List<ObjectNode> records =
                logs.stream().flatMap(log -> log.records.stream()).toList();
        ObjectMapper mapper = new ObjectMapper();
        AtomicFile.write(file, out -> {
            try (JsonGenerator json =
                    new JsonFactory(mapper).createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
                json.setRootValueSeparator(null);
                for (ObjectNode record : records) {
                    mapper.writeTree(json, record);
                    json.writeRaw('\n');
                }
            }
        });
    }

    /** {@return what was done, in words} */
    public String describe() {
        return String.format("computed %,d log-probabilities, drew %,d texts", scored, drawn);
    }

    /** {@return the prompts read so far, as the log has them} */
    public Set<String> prompts() {
        return Collections.unmodifiableSet(prompts.keySet());
    }

    /** {@return what the log does not say and was assumed, a line each; what the figures rest on} */
    public List<String> assumed() {
        return untold == null ? List.of() : untold.assumed();
    }

    /**
     * Gives every record a step.
     *
     * @param step the training step that the log is of
     */
    public void label(long step) {
        records.forEach(record -> record.put(Field.STEP.key(), step));
    }

    /** {@return what a reader of the figures must know} */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>(settled);
        if (left > 0) {
            warnings.add(String.format(
                    "warning: left out %,d of %,d records, whose tokens their text does not tell: the others are no fair"
                            + " sample",
                    left, left + records.size() - drawn));
        }
        if (retokenised > 0) {
            warnings.add(String.format(
                    "warning: %,d texts were scored as their own tokenisation; one that was drawn as other tokens has"
                            + " another probability. A log with ids leaves no doubt",
                    retokenised));
        }
        return warnings;
    }
}
