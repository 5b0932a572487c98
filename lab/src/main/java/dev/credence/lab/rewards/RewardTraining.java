package dev.credence.lab.rewards;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.SavedState;
import dev.credence.core.training.StepReport;
import dev.credence.data.corpora.BatchOrder;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.json.Json;
import dev.credence.data.runs.Checkpoints;
import dev.credence.data.runs.Metrics;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.BeginToken;
import dev.credence.hub.Checkpoint;
import dev.credence.hub.RewardModelFolder;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.models.FolderHash;
import dev.credence.lab.runs.Interruption;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.runs.Listener;
import dev.credence.lab.runs.ProgressLines;
import dev.credence.lab.runs.RunFiles;
import dev.credence.lab.runs.RunMachine;
import dev.credence.lab.training.NewModel;
import dev.credence.lab.training.Start;
import dev.credence.methods.rewardmodel.Judgement;
import dev.credence.methods.rewardmodel.JudgementLoss;
import dev.credence.methods.rewardmodel.JudgementLoss.Judged;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.training.TrainedScorer;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Learns a reward model: a transformer whose head gives a text one number is fitted to judgements, and written as a folder. */
public final class RewardTraining {
    /** What a run's record says it is. */
    public static final String KIND = "reward";

    private static final int PATIENCE = 10; // steps in a row with a gradient that is not finite
    private static final int REPORTS = 10;

    private static final String START = "start"; // the model before its first step, where the run makes one
    private static final String STATE = "state.bin";
    private static final String LOSSES = "losses.bin";

    private final StoredRun run;
    private final JudgementFile file;
    private final RewardSettings settings;
    private final Listener listener;
    private double sum; // of losses since the last measurement
    private double mean; // loss of the steps before it
    private long skipped; // steps in a row

    private RewardTraining(StoredRun run, JudgementFile file, RewardSettings settings, Listener listener) {
        this.run = run;
        this.file = file;
        this.settings = settings;
        this.listener = listener;
    }

    /**
     * What came out.
     *
     * @param folder the model's
     * @param learned judgements
     * @param steps of the optimiser
     * @param parameters numbers that were trained
     * @param loss of the last tenth of the steps; nats, of stated probabilities half a squared logit
     * @param heldOut what it foretells; null where nothing was held out
     * @param document the same as JSON
     * @param provenance of it all
     */
    public record Outcome(
            Path folder,
            int learned,
            long steps,
            long parameters,
            double loss,
            @Nullable RewardEvaluation heldOut,
            Map<String, @Nullable Object> document,
            Provenance provenance) {}

    /**
     * Learns a model.
     *
     * @param folder a new one, or an empty one; it is a run's while it is learned, and the model's in the end
     * @param file the judgements
     * @param settings how
     * @param made version, command and seed; inputs and settings are added
     * @param listener takes progress, and may stop it: then a checkpoint is written that {@link #resume} goes on from
     * @return what came out
     * @throws IOException if reading or writing fails
     * @throws InputException if settings, model and judgements do not fit, or there is something in the folder
     */
    public static Outcome learn(
            Path folder, JudgementFile file, RewardSettings settings, Provenance made, Listener listener)
            throws IOException {
        return begin(folder, file, settings, made, listener).go();
    }

    /**
     * Begins a training; no step is taken yet.
     *
     * @param folder a new one, or an empty one; it is a run's while it is learned, and the model's in the end
     * @param file the judgements
     * @param settings how
     * @param made version, command and seed; inputs and settings are added
     * @param listener takes progress, and may stop it
     * @return the training
     * @throws IOException if the folder cannot be written
     * @throws InputException if there is something in the folder
     */
    public static RewardTraining begin(
            Path folder, JudgementFile file, RewardSettings settings, Provenance made, Listener listener)
            throws IOException {
        checkFree(folder);
        List<Provenance.Input> inputs = new ArrayList<>(startInputs(settings));
        inputs.add(file.input());
        Map<String, String> named = new LinkedHashMap<>(made.settings());
        named.put("kind", file.kind().word());
        named.putAll(settings.named());
        Provenance asked = new Provenance(made.version(), made.command(), made.seed(), named, inputs);
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        StoredRun run = StoredRun.begin(
                folder, new RunRecord(KIND, List.of(file.input().name()), asked, RunMachine.ofModels(), now));
        return new RewardTraining(run, file, settings, listener);
    }

    /** {@return the run's folder} */
    public StoredRun run() {
        return run;
    }

    /**
     * Goes on with a training that was broken off.
     *
     * @param run its folder
     * @param listener takes progress, and may stop it again
     * @return what came out: the same bits as of one that was never broken off
     * @throws IOException if reading or writing fails
     * @throws InputException if the run is of another kind, or an input is not what it was
     */
    public static Outcome resume(StoredRun run, Listener listener) throws IOException {
        RunRecord asked = run.asked();
        if (!asked.kind().equals(KIND)) {
            throw new InputException(
                    run.path().toString(), 0, "kind", asked.kind(), "what goes on is a reward model's training");
        }
        Map<String, String> named = asked.provenance().settings();
        RewardSettings settings = RewardSettings.ofNamed(named);
        JudgementFile file =
                JudgementFile.read(asked.arguments().get(0), JudgementKind.of(named.getOrDefault("kind", "")));
        List<Provenance.Input> inputs = new ArrayList<>(startInputs(settings));
        inputs.add(file.input());
        RunFiles.checkInputs(run, inputs);
        return new RewardTraining(run, file, settings, listener).go();
    }

    private static List<Provenance.Input> startInputs(RewardSettings settings) {
        return settings.start() instanceof Start.FromCheckpoint from
                ? FolderHash.of(checked(from.folder()))
                : List.of();
    }

    private static void checkFree(Path folder) throws IOException {
        boolean isFree = !Files.exists(folder);
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                isFree = files.findAny().isEmpty();
            }
        }
        if (!isFree) {
            throw InputException.ofSetting(
                    "output",
                    folder.toString(),
                    StoredRun.isThere(folder)
                            ? "there is something already; `resume` goes on with a training that was broken off"
                            : "there is something already; name a folder that is new or empty");
        }
    }

    /**
     * Takes the steps that are left.
     *
     * @return what came out
     * @throws IOException if reading or writing fails
     * @throws InputException if settings, model and judgements do not fit
     */
    public Outcome go() throws IOException {
        return RunFiles.alone(run, this::learn);
    }

    private Outcome learn() throws IOException {
        try {
            Outcome outcome;
            if (settings.start() instanceof Start.FromCheckpoint from) {
                outcome = learn(from.folder(), from.adapter());
            } else {
                Path start = run.path().resolve(START);
                if (!Files.isDirectory(start)) {
                    NewModel.write(start, (Start.FromScratch) settings.start(), corpus(), seed());
                }
                outcome = learn(start, null);
            }
            run.finish(out -> Json.write(outcome.document, out));
            return outcome;
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; " + RunFiles.kept(run), e);
        }
    }

    private long seed() {
        return run.asked().provenance().seed();
    }

    private static Path checked(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw InputException.ofSetting("from", folder.toString(), "it is a checkpoint's folder; there is none");
        }
        return folder;
    }

    private Corpus corpus() {
        List<String> documents = JudgementLoss.of(file.judgements()).texts().stream()
                .distinct()
                .map(text -> text.prompt() + text.text())
                .toList();
        return new Corpus(documents, List.of(file.input()));
    }

    private Outcome learn(Path start, @Nullable LoraSettings adapter) throws IOException {
        Checkpoint form = Checkpoint.open(start);
        form.warnings().forEach(listener);
        int size = file.judgements().size();
        int out = (int) Math.round(settings.heldOut() * size);
        long steps = settings.steps(size - out);
        Optimiser optimiser = settings.optimiser().over(steps);
        try (TextTokenizer tokenizer =
                        TextTokenizer.open(start, form.architecture().vocabulary());
                Transformer base = form.loadScoring(new Transformer.Compute(Backend.shared(), Precision.FLOAT32));
                TrainedScorer scorer = scorer(base, adapter, optimiser)) {
            Map<Judged, int[]> ids = tokenised(tokenizer, form);
            int[] order = new BatchOrder(~seed(), size, size).at(0); // another shuffle than the steps'
            List<Judgement> heldOut = chosen(Arrays.copyOf(order, out));
            List<Judgement> learned = chosen(Arrays.copyOfRange(order, out, order.length));
            if (learned.isEmpty()) {
                throw InputException.ofSetting(
                        "held-out",
                        Double.toString(settings.heldOut()),
                        "one judgement at least must be left to learn");
            }
            listener.accept(String.format(
                    Locale.ROOT,
                    "%,d %s to learn, %,d held out; %,d parameters",
                    learned.size(),
                    file.kind().word(),
                    heldOut.size(),
                    scorer.trainedParameters()));
            Kept keeping = (step, from) -> keep(step, form, from, adapter != null);
            try (Interruption interruption = Interruption.watch(listener)) {
                take(steps, scorer, learned, ids, keeping, interruption);
            }
            RewardEvaluation evaluation = heldOut.isEmpty()
                    ? null
                    : RewardEvaluation.of(
                            file.kind(),
                            heldOut,
                            texts -> scorer.transformer()
                                    .scores(texts.stream()
                                            .map(text -> ids(ids, text))
                                            .toList()));
            Provenance provenance = run.asked().provenance();
            Map<String, @Nullable Object> document = Json.document("credence.reward/1", provenance);
            Outcome outcome = new Outcome(
                    run.path(),
                    learned.size(),
                    steps,
                    scorer.trainedParameters(),
                    mean,
                    evaluation,
                    document,
                    provenance);
            describe(outcome);
            RunFiles.publish(run, steps, Set.of(STATE, LOSSES));
            AtomicFile.write(run.path().resolve("reward.json"), to -> Json.write(document, to));
            return outcome;
        }
    }

    private TrainedScorer scorer(Transformer base, @Nullable LoraSettings adapter, Optimiser optimiser) {
        if (adapter == null) {
            return TrainedScorer.of(base, optimiser);
        }
        try {
            return TrainedScorer.lora(base, adapter, optimiser, new SplittableRandom(seed()));
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting("lora-targets", adapter.targets().pattern(), String.valueOf(e.getMessage()));
        }
    }

    /** Every text's ids as far as they are read; refuses those that the model cannot read. */
    private Map<Judged, int[]> tokenised(TextTokenizer tokenizer, Checkpoint form) {
        OptionalInt pad = RewardModelFolder.pad(form);
        int context = form.architecture().context();
        Map<Judged, int[]> ids = new HashMap<>();
        for (int i = 0; i < file.judgements().size(); i++) {
            for (Judged text :
                    JudgementLoss.of(List.of(file.judgements().get(i))).texts()) {
                int[] prompt = tokenizer.prompt(text.prompt(), BeginToken.AUTO);
                int[] whole = OpenReward.joined(prompt, tokenizer.behind(prompt, text.text()));
                if (whole.length > context) {
                    throw file.bad(i, whole.length + " tokens with the prompt", "the model reads " + context);
                }
                ids.put(text, RewardModelFolder.unpadded(whole, pad));
            }
        }
        return ids;
    }

    private static int[] ids(Map<Judged, int[]> ids, Judged text) {
        return Objects.requireNonNull(ids.get(text));
    }

    private List<Judgement> chosen(int[] places) {
        return Arrays.stream(places).mapToObj(file.judgements()::get).toList();
    }

    /** Writes a checkpoint. */
    @FunctionalInterface
    private interface Kept {
        void at(long step, TrainedScorer scorer) throws IOException;
    }

    /** Takes the steps that are left; the loss that is told of is the mean of each tenth of them. */
    private void take(
            long steps,
            TrainedScorer scorer,
            List<Judgement> learned,
            Map<Judged, int[]> ids,
            Kept kept,
            Interruption interruption)
            throws IOException {
        long from = RunFiles.restore(run.checkpoints(), folder -> restore(folder, scorer), listener);
        BatchOrder order = new BatchOrder(seed(), learned.size(), Math.min(settings.batch(), learned.size()));
        long window = Math.max(1, steps / REPORTS);
        long lastKept = System.nanoTime();
        try (Journal journal =
                Journal.open(run, Journal.Sinks.none(), new ProgressLines(from, steps, listener), listener)) {
            for (long step = from + 1; step <= steps; step++) {
                if (listener.isStopped() || interruption.isAsked()) {
                    if (step > from + 1) {
                        journal.force();
                        kept.at(step - 1, scorer);
                    }
                    throw RunFiles.interrupted(run, step - 1, listener);
                }
                JudgementLoss loss = JudgementLoss.of(
                        Arrays.stream(order.at(step - 1)).mapToObj(learned::get).toList());
                StepReport report = scorer.step(
                        loss.texts().stream().map(text -> ids(ids, text)).toList(), loss::descent);
                sum += loss.loss(Arrays.stream(report.logProbs())
                        .mapToDouble(score -> score[0])
                        .toArray());
                skipped = report.taken() ? 0 : skipped + 1;
                if (skipped == PATIENCE) {
                    throw new IOException("the gradients of " + PATIENCE + " steps in a row, up to step " + step
                            + ", are not finite; a lower learning rate may help");
                }
                if (step % window == 0) {
                    mean = sum / window;
                    sum = 0;
                    journal.measured(
                            new Metrics.Point(step, Map.of("loss", mean, "learning_rate", report.learningRate())));
                }
                if (step == steps || settings.every().isDue(step, (System.nanoTime() - lastKept) / 1e9)) {
                    journal.force(); // a checkpoint comes after the metrics up to it are on the disk
                    kept.at(step, scorer);
                    lastKept = System.nanoTime();
                }
            }
        }
    }

    /** The model as it is, in the hub's form, with what the steps go on from. */
    private void keep(long step, Checkpoint form, TrainedScorer scorer, boolean isAdapted) throws IOException {
        Checkpoints checkpoints = run.checkpoints();
        checkpoints.write(step, into -> {
            if (isAdapted) {
                try (Transformer merged = scorer.transformer().merged()) {
                    RewardModelFolder.write(form, merged, into);
                }
            } else {
                RewardModelFolder.write(form, scorer.transformer(), into);
            }
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(into.resolve(STATE)), 1 << 16)) {
                scorer.save(out);
            }
            try (OutputStream out = Files.newOutputStream(into.resolve(LOSSES))) {
                SavedState.of(LOSSES)
                        .numbers("sum", sum)
                        .numbers("mean", mean)
                        .wholes("skipped", skipped)
                        .write(out);
            }
        });
        checkpoints.prune(RunFiles.KEPT);
    }

    private void restore(Path folder, TrainedScorer scorer) throws IOException {
        SavedState losses;
        try (InputStream in = Files.newInputStream(folder.resolve(LOSSES))) {
            losses = SavedState.read(in, LOSSES);
        }
        double savedSum = losses.number("sum");
        double savedMean = losses.number("mean");
        long savedSkipped = losses.whole("skipped");
        try (InputStream in = new BufferedInputStream(Files.newInputStream(folder.resolve(STATE)), 1 << 16)) {
            scorer.restore(in);
        }
        sum = savedSum;
        mean = savedMean;
        skipped = savedSkipped;
    }

    private void describe(Outcome outcome) {
        Map<String, @Nullable Object> document = outcome.document;
        document.put("folder", outcome.folder.toString());
        document.put("kind", file.kind().word());
        document.put("learned", outcome.learned);
        document.put("parameters", outcome.parameters);
        document.put("steps", outcome.steps);
        document.put("train_loss", outcome.loss);
        if (outcome.heldOut != null) {
            outcome.heldOut.putIn(document);
        }
        document.put("provenance", Json.provenance(outcome.provenance));
    }
}
