package dev.credence.lab.rollouts;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.RolloutLogWriter;
import dev.credence.hub.BeginToken;
import dev.credence.lab.runs.RunMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Draws rollouts from a prior and a policy, and from a bridge where there is one, in rounds, until there are enough, the figures
 * are known well enough, or the time is over. Draws of the prior beyond the samples are cheap: their reward decides which of
 * them are scored ({@link KeepRule}). The texts depend on the seed alone, not on how long it took, nor on whether the draw was
 * broken off and taken up again: they are kept in a file as they are drawn ({@link DrawSpool}). How many there are depends on
 * what was drawn, and on the clock only where the time ends it.
 */
public final class RolloutRun {
    private final DrawnModels models;
    private final Limits limits;
    private final AuditOptions question;
    private final long seed;
    private final RewardExpression reward;
    private final Map<String, int[]> prompts = new LinkedHashMap<>();
    private final DrawnLog log;
    private boolean cutShort;

    /**
     * What is drawn, and when it stops.
     *
     * @param samples texts a prompt and model that are scored under both, about so many
     * @param draws texts a prompt that are drawn from the prior, of which about {@code samples} are kept; 0: as many as the
     *     prompt's records need to carry the posteriors
     * @param maxNewTokens at so many tokens a text is cut
     * @param seconds after which no more is drawn; infinite for no such limit
     * @param width stops where the intervals of the Bayes fraction and of KL(π‖asked), the latter as a share of the whole move,
     *     are narrower and stand; 0 for no such limit
     * @param begin whether prompts get the begin token
     */
    public record Limits(int samples, int draws, int maxNewTokens, double seconds, double width, BeginToken begin) {
        private static final double THINNED = 200; // two small checkpoints then take less than five minutes in all

        /** Draws of the prior that are scored, every one. */
        int plainDraws() {
            return draws > 0 ? Math.min(samples, draws) : samples;
        }

        /** Whether there are no draws but those that are scored. */
        boolean isPlain() {
            return draws > 0 && draws <= samples;
        }

        /** Why a draw ends whose time is over. */
        String over() {
            return seconds < Double.POSITIVE_INFINITY
                    ? "the budget is over"
                    : "the time for draws beyond the samples is over";
        }

        /** After so many seconds no draws are begun that nobody asked for, unless the samples took long too. */
        double thinnedSeconds() {
            return THINNED;
        }
    }

    /**
     * A run that has drawn nothing yet; all draws are from the seed of the question.
     *
     * @param models two or three
     * @param prompts prompt to weight
     * @param rewards by name; the audited one among them
     * @param question what the audit is asked, to watch its width
     * @param limits when it stops
     * @throws dev.credence.core.provenance.InputException if a prompt does not fit
     */
    public RolloutRun(
            DrawnModels models,
            Map<String, Double> prompts,
            Map<String, RewardExpression> rewards,
            AuditOptions question,
            Limits limits) {
        this.models = models;
        this.limits = limits;
        this.question = question;
        this.seed = question.seed();
        this.log = new DrawnLog(prompts, rewards, question.reward(), models.bridgeName());
        RewardExpression audited = rewards.get(question.reward());
        if (audited == null) {
            throw new IllegalArgumentException("rewards are " + rewards.keySet() + "; the audited one, "
                    + question.reward() + ", must be among them");
        }
        this.reward = audited;
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
        return DrawSpool.continues(DrawSpool.beside(file), settings(), models.machine(), reward.toString());
    }

    /** What the texts depend on. */
    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("seed", Long.toString(seed));
        settings.put("samples", Integer.toString(limits.samples()));
        settings.put("max-new-tokens", Integer.toString(limits.maxNewTokens()));
        settings.put("bos", limits.begin().name().toLowerCase(Locale.ROOT));
        settings.put("prompts", List.copyOf(prompts.keySet()).toString());
        models.describe(settings);
        return settings;
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
        Map<String, String> now = models.machine();
        try (DrawSpool spool = DrawSpool.open(DrawSpool.beside(file), settings(), now)) {
            spool.checkReward(reward.toString());
            Map<Double, List<Rollout>> tilts = tilts(progress);
            Map<String, List<TextStream>> streams = streams(spool);
            if (spool.draws() > 0) {
                progress.accept(
                        String.format(Locale.ROOT, "goes on after %,d texts that were drawn before", spool.draws()));
                String other = RunMachine.other(spool.machine(), now);
                if (!other.isEmpty()) {
                    progress.accept("warning: the draw began under another " + other
                            + "; its last digits may differ from those of one that was never broken off");
                }
            }
            String stopped = rounds(streams, spool, progress);
            log.take(spool);
            RolloutLogWriter.write(file, log.rewards(), sink -> {
                log.write(spool, sink);
                for (Map.Entry<Double, List<Rollout>> tilt : tilts.entrySet()) {
                    log.write(tilt.getKey(), tilt.getValue(), sink);
                }
            });
            spool.delete();
            return stopped;
        }
    }

    /** Draws of the tilts come first, as they may be out of reach; they are drawn anew when a run goes on. */
    private Map<Double, List<Rollout>> tilts(Consumer<String> progress) {
        Map<Double, List<Rollout>> drawn = new LinkedHashMap<>();
        if (models.tilts().isEmpty()) {
            return drawn;
        }
        TiltedTexts texts = new TiltedTexts(models.pair().prior(), reward, limits.maxNewTokens());
        Drawing drawing = models.drawing(limits.maxNewTokens());
        SplittableRandom seeds = new SplittableRandom(~seed);
        for (double lambda : models.tilts()) {
            List<Rollout> own = new ArrayList<>();
            prompts.forEach((text, ids) -> own.addAll(drawing.score(
                    new Drawing.Source(text, ids, RolloutLog.PRIOR),
                    texts.draw(text, ids, lambda, limits.samples(), seeds.nextLong()))));
            drawn.put(lambda, own);
            progress.accept(String.format(Locale.ROOT, "%,d exact draws of the tilt by %s", own.size(), lambda));
        }
        return drawn;
    }

    private Map<String, List<TextStream>> streams(DrawSpool spool) throws IOException {
        SplittableRandom seeds = new SplittableRandom(seed);
        Map<String, List<TextStream>> streams = new LinkedHashMap<>();
        SplittableRandom further = new SplittableRandom(~seed); // the others' texts are the same with it and without
        prompts.forEach((text, ids) -> {
            List<TextStream> own = new ArrayList<>();
            own.add(new TextStream(new Drawing.Source(text, ids, RolloutLog.PRIOR), seeds.nextLong()));
            own.add(new TextStream(new Drawing.Source(text, ids, RolloutLog.POLICY), seeds.nextLong()));
            if (models.bridge() != null) {
                own.add(new TextStream(new Drawing.Source(text, ids, DrawRound.BRIDGE), further.nextLong()));
            }
            streams.put(text, own);
        });
        spool.read(0, chunk -> stream(streams, chunk.prompt(), chunk.source()).skipTo(chunk.to()));
        return streams;
    }

    private static TextStream stream(Map<String, List<TextStream>> streams, String prompt, byte source) {
        return streams.getOrDefault(prompt, List.of()).get(source);
    }

    /** Rounds that were begun before are ended with the rules that they were begun with; then new ones are decided on. */
    private String rounds(Map<String, List<TextStream>> streams, DrawSpool spool, Consumer<String> progress)
            throws IOException {
        DrawClock clock = new DrawClock(limits);
        RoundPlanner planner = new RoundPlanner(List.copyOf(prompts.keySet()), limits, question);
        TextStream.Means means =
                new TextStream.Means(models.drawing(limits.maxNewTokens()), reward, question.reward(), spool);
        DrawRound before = null;
        for (DrawRound round : spool.rounds()) {
            draw(round, streams, means, clock, progress);
            before = round;
        }
        while (true) {
            RoundPlanner.Decision decision = planner.next(() -> taken(spool), log.draws(), before);
            DrawRound round = fitting(decision.round(), streams, clock);
            if (before != null) {
                progress.accept(stand(spool, clock, decision));
            }
            if (round.targets().isEmpty()) {
                cutShort = !decision.round().targets().isEmpty();
                return cutShort ? limits.over() : decision.words();
            }
            spool.add(round);
            draw(round, streams, means, clock, progress);
            before = round;
        }
    }

    /**
     * Whether time ended the draw, not what was drawn.
     *
     * @return false before the draw
     */
    public boolean isCutShort() {
        return cutShort;
    }

    private RolloutLog taken(DrawSpool spool) throws IOException {
        log.take(spool);
        return log.columns();
    }

    private DrawRound fitting(DrawRound round, Map<String, List<TextStream>> streams, DrawClock clock) {
        List<Integer> drawn = round.targets().stream()
                .map(target -> stream(streams, target.prompt(), target.source()).drawn())
                .toList();
        return new DrawRound(reward.toString(), round.width(), clock.fitting(round.targets(), drawn));
    }

    private void draw(
            DrawRound round,
            Map<String, List<TextStream>> streams,
            TextStream.Means means,
            DrawClock clock,
            Consumer<String> progress)
            throws IOException {
        long missing = 0;
        for (DrawRound.Target target : round.targets()) {
            missing += Math.max(
                    0,
                    target.to()
                            - stream(streams, target.prompt(), target.source()).drawn());
        }
        RoundProgress done = new RoundProgress(missing, System::nanoTime, progress);
        for (DrawRound.Target target : round.targets()) {
            TextStream stream = stream(streams, target.prompt(), target.source());
            Thinning thinning = log.thinnings(target.prompt()).of(target.source());
            thinning.add(target.to() - thinning.draws(), target.rule());
            int own = target.to() - stream.drawn();
            double start = clock.elapsed();
            stream.drawTo(target.to(), target.rule(), means, done);
            clock.took(target, own, clock.elapsed() - start);
        }
    }

    private String stand(DrawSpool spool, DrawClock clock, RoundPlanner.Decision decision) {
        String line = String.format(
                Locale.ROOT,
                "%s texts a prompt drawn from the prior, %s from the policy%s, %,d kept in all after %.1f s",
                span(RolloutLog.PRIOR),
                span(RolloutLog.POLICY),
                models.bridge() == null ? "" : ", " + span(DrawRound.BRIDGE) + " from the bridge",
                spool.kept(),
                clock.elapsed());
        return decision.words().isEmpty() ? line : line + "; " + decision.words();
    }

    private String span(byte source) {
        LongSummaryStatistics counts =
                log.draws().stream().mapToLong(own -> own[source]).summaryStatistics();
        return counts.getMin() == counts.getMax()
                ? String.format(Locale.ROOT, "%,d", counts.getMin())
                : String.format(Locale.ROOT, "%,d to %,d", counts.getMin(), counts.getMax());
    }

    /**
     * Audits what was drawn; without draws of tilts, which are in the log alone.
     *
     * @param options what is asked
     * @return the audit
     */
    public StepAudit audit(AuditOptions options) {
        return Audit.of(log.columns(), options);
    }
}
