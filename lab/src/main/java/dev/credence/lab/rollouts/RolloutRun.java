package dev.credence.lab.rollouts;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.RolloutLogWriter;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.OpenModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Draws rollouts from a prior and a policy in rounds that double, until there are enough, the Bayes fraction is known well
 * enough, or the time is over. The texts depend on the seed alone, not on how long it took, nor on whether the draw was
 * broken off and taken up again: they are kept in a file as they are drawn ({@link DrawSpool}).
 */
public final class RolloutRun {
    private static final int FIRST_ROUND = 64;
    private static final String WATCHED = "bayes_fraction";

    private final ModelPair models;
    private final Limits limits;
    private final AuditOptions question;
    private final long seed;
    private final Map<String, int[]> prompts = new LinkedHashMap<>();
    private final DrawnLog log;

    /**
     * What is drawn, and when it stops.
     *
     * @param samples texts a prompt and source at most
     * @param maxNewTokens at so many tokens a text is cut
     * @param seconds after which no more is drawn; infinite for no such limit
     * @param width stops where the interval of the Bayes fraction is narrower and stands; 0 for no such limit
     * @param begin whether prompts get the begin token
     */
    public record Limits(int samples, int maxNewTokens, double seconds, double width, BeginToken begin) {}

    /**
     * A run that has drawn nothing yet; all draws are from the seed of the question.
     *
     * @param models both models
     * @param prompts prompt to weight
     * @param rewards by name; the audited one among them
     * @param question what the audit is asked, to watch its width
     * @param limits when it stops
     * @throws dev.credence.core.provenance.InputException if a prompt does not fit
     */
    public RolloutRun(
            ModelPair models,
            Map<String, Double> prompts,
            Map<String, RewardExpression> rewards,
            AuditOptions question,
            Limits limits) {
        this.models = models;
        this.limits = limits;
        this.question = question;
        this.seed = question.seed();
        this.log = new DrawnLog(prompts, rewards);
        prompts.keySet()
                .forEach(text -> this.prompts.put(text, models.prompt(text, limits.begin(), limits.maxNewTokens())));
    }

    /**
     * Whether a log was begun by the same draw and broken off.
     *
     * @param file the log
     * @return whether {@link #draw} would go on with it
     * @throws IOException if reading fails
     */
    public boolean continues(Path file) throws IOException {
        return DrawSpool.continues(DrawSpool.beside(file), settings());
    }

    /** What the texts depend on. */
    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("seed", Long.toString(seed));
        settings.put("samples", Integer.toString(limits.samples()));
        settings.put("max-new-tokens", Integer.toString(limits.maxNewTokens()));
        settings.put("bos", limits.begin().name().toLowerCase(Locale.ROOT));
        settings.put("ends", models.prior().transformer().vocabulary().ends().toString());
        settings.put("prompts", List.copyOf(prompts.keySet()).toString());
        settings.put("prior", hash(models.prior()));
        settings.put("policy", hash(models.policy()));
        return settings;
    }

    private static String hash(OpenModel model) {
        return model.inputs().stream()
                .map(Provenance.Input::sha256)
                .map(sha -> sha.substring(0, 16))
                .collect(Collectors.joining(" "));
    }

    /**
     * Draws, and writes the log.
     *
     * @param file the log, which appears when it is whole; what is drawn is beside it till then
     * @param progress takes a line a round
     * @return why it stopped, in words
     * @throws IOException if writing fails
     * @throws dev.credence.core.provenance.InputException if another draw left its texts there
     */
    public String draw(Path file, Consumer<String> progress) throws IOException {
        try (DrawSpool spool = DrawSpool.open(DrawSpool.beside(file), settings())) {
            List<TextStream> streams = streams(spool);
            if (spool.size() > 0) {
                progress.accept(
                        String.format(Locale.ROOT, "goes on after %,d texts that were drawn before", spool.size()));
            }
            String stopped = rounds(streams, spool, progress);
            log.take(spool);
            RolloutLogWriter.write(file, log.rewards(), sink -> log.write(spool, sink));
            spool.delete();
            return stopped;
        }
    }

    private List<TextStream> streams(DrawSpool spool) throws IOException {
        SplittableRandom seeds = new SplittableRandom(seed);
        Map<String, List<TextStream>> byPrompt = new LinkedHashMap<>();
        prompts.forEach((text, ids) -> byPrompt.put(
                text,
                List.of(
                        new TextStream(text, ids, RolloutLog.PRIOR, seeds.nextLong()),
                        new TextStream(text, ids, RolloutLog.POLICY, seeds.nextLong()))));
        spool.read(
                0,
                text -> byPrompt.getOrDefault(text.prompt(), List.of())
                        .get(text.source())
                        .skip());
        List<TextStream> streams = new ArrayList<>();
        byPrompt.values().forEach(streams::addAll);
        return streams;
    }

    private String rounds(List<TextStream> streams, DrawSpool spool, Consumer<String> progress) throws IOException {
        Drawing drawing = new Drawing(models, limits.maxNewTokens());
        long start = System.nanoTime();
        int drawn = 0; // texts of every stream
        int before = streams.stream().mapToInt(TextStream::drawn).min().orElse(0);
        while (drawn < limits.samples()) {
            int next = size(drawn, before, (System.nanoTime() - start) / 1e9);
            if (next == 0) {
                return "the budget is over";
            }
            drawn += next;
            for (TextStream stream : streams) {
                stream.drawTo(drawn, drawing, spool);
            }
            String reached = String.format(
                    Locale.ROOT, "%,d texts a prompt and model after %.1f s", drawn, (System.nanoTime() - start) / 1e9);
            if (limits.width() > 0) {
                log.take(spool);
                Finding watched = watched();
                progress.accept(reached + "; " + describe(watched));
                if (watched.stands() && watched.upper() - watched.lower() < limits.width()) {
                    return "the Bayes fraction is known to the wanted precision";
                }
            } else if (drawn > before) {
                progress.accept(reached);
            }
        }
        return "all samples are drawn";
    }

    /** As many again, no more than are left, and no more than fit the time at the pace so far. */
    private int size(int drawn, int before, double elapsed) {
        int wanted = Math.min(limits.samples() - drawn, drawn == 0 ? FIRST_ROUND : drawn);
        if (drawn <= before) {
            return wanted; // there already, or a first round to know the pace by
        }
        double fitting = (drawn - before) / elapsed * (limits.seconds() - elapsed);
        return (int) Math.max(0, Math.min(wanted, fitting));
    }

    private Finding watched() {
        Finding found = Audit.of(log.columns(), question).findings().get(WATCHED);
        if (found == null) {
            throw new IllegalStateException("the audit has no " + WATCHED);
        }
        return found;
    }

    private static String describe(Finding finding) {
        String withdrawn = finding.stands() ? "" : ", withdrawn so far";
        return String.format(
                Locale.ROOT,
                "Bayes fraction %.3f [%.3f, %.3f]%s",
                finding.estimate(),
                finding.lower(),
                finding.upper(),
                withdrawn);
    }

    /**
     * Audits what was drawn.
     *
     * @param options what is asked
     * @return the audit
     */
    public StepAudit audit(AuditOptions options) {
        return Audit.of(log.columns(), options);
    }
}
