package dev.credence.lab.rewards;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.training.Optimiser;
import dev.credence.core.training.StepReport;
import dev.credence.data.corpora.BatchOrder;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.files.AtomicFolder;
import dev.credence.data.json.Json;
import dev.credence.hub.BeginToken;
import dev.credence.hub.Checkpoint;
import dev.credence.hub.RewardModelFolder;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.models.FolderHash;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Listener;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Learns a reward model: a transformer whose head gives a text one number is fitted to judgements, and written as a folder. */
public final class RewardTraining {
    private static final int PATIENCE = 10; // steps in a row with a gradient that is not finite
    private static final int REPORTS = 10;

    private final JudgementFile file;
    private final RewardSettings settings;
    private final long seed;
    private final Listener listener;

    private RewardTraining(JudgementFile file, RewardSettings settings, long seed, Listener listener) {
        this.file = file;
        this.settings = settings;
        this.seed = seed;
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
     * @param folder a new one, or an empty one
     * @param file the judgements
     * @param settings how
     * @param made version, command and seed; inputs and settings are added
     * @param listener takes progress, and may stop it: then nothing is written
     * @return what came out
     * @throws IOException if reading or writing fails
     * @throws InputException if settings, model and judgements do not fit, or there is something in the folder
     */
    public static Outcome learn(
            Path folder, JudgementFile file, RewardSettings settings, Provenance made, Listener listener)
            throws IOException {
        checkFree(folder);
        return new RewardTraining(file, settings, made.seed(), listener).learn(folder, made);
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
                    "output", folder.toString(), "there is something already; name a folder that is new or empty");
        }
    }

    private Outcome learn(Path folder, Provenance made) throws IOException {
        if (settings.start() instanceof Start.FromCheckpoint from) {
            return learn(from.folder(), from.adapter(), folder, made, FolderHash.of(checked(from.folder())));
        }
        Path temporary = Files.createTempDirectory("credence-reward");
        try {
            Path start = temporary.resolve("start");
            NewModel.write(start, (Start.FromScratch) settings.start(), corpus(), seed);
            return learn(start, null, folder, made, List.of());
        } finally {
            delete(temporary);
        }
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

    private Outcome learn(
            Path start, @Nullable LoraSettings adapter, Path folder, Provenance made, List<Provenance.Input> inputs)
            throws IOException {
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
            int[] order = new BatchOrder(~seed, size, size).at(0); // another shuffle than the steps'
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
            double loss = take(steps, scorer, learned, ids);
            RewardEvaluation evaluation = heldOut.isEmpty()
                    ? null
                    : RewardEvaluation.of(
                            file.kind(),
                            heldOut,
                            texts -> scorer.transformer()
                                    .scores(texts.stream()
                                            .map(text -> ids(ids, text))
                                            .toList()));
            List<Provenance.Input> all = new ArrayList<>(inputs);
            all.add(file.input());
            Provenance provenance = provenance(made, all);
            Map<String, @Nullable Object> document = Json.document("credence.reward/1", provenance);
            Outcome outcome = new Outcome(
                    folder, learned.size(), steps, scorer.trainedParameters(), loss, evaluation, document, provenance);
            describe(outcome);
            write(form, scorer, adapter != null, folder, document);
            return outcome;
        }
    }

    private TrainedScorer scorer(Transformer base, @Nullable LoraSettings adapter, Optimiser optimiser) {
        if (adapter == null) {
            return TrainedScorer.of(base, optimiser);
        }
        try {
            return TrainedScorer.lora(base, adapter, optimiser, new SplittableRandom(seed));
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

    /** The mean loss of the last tenth of the steps. */
    private double take(long steps, TrainedScorer scorer, List<Judgement> learned, Map<Judged, int[]> ids)
            throws IOException {
        BatchOrder order = new BatchOrder(seed, learned.size(), Math.min(settings.batch(), learned.size()));
        long window = Math.max(1, steps / REPORTS);
        int skipped = 0;
        double sum = 0;
        double mean = 0;
        for (long step = 1; step <= steps; step++) {
            if (listener.isStopped()) {
                throw new InterruptedRunException("stopped; nothing was written");
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
                listener.accept(String.format(Locale.ROOT, "step %,d of %,d: loss %.4f", step, steps, mean));
            }
        }
        return mean;
    }

    private Provenance provenance(Provenance made, List<Provenance.Input> inputs) {
        Map<String, String> named = new LinkedHashMap<>(made.settings());
        named.put("kind", file.kind().word());
        named.putAll(settings.named());
        return new Provenance(made.version(), made.command(), seed, named, inputs);
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

    private void write(
            Checkpoint form,
            TrainedScorer scorer,
            boolean isAdapted,
            Path folder,
            Map<String, @Nullable Object> document)
            throws IOException {
        AtomicFolder.write(folder, into -> {
            if (isAdapted) {
                try (Transformer merged = scorer.transformer().merged()) {
                    RewardModelFolder.write(form, merged, into);
                }
            } else {
                RewardModelFolder.write(form, scorer.transformer(), into);
            }
            AtomicFile.write(into.resolve("reward.json"), out -> Json.write(document, out));
        });
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
