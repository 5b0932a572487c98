package dev.credence.app.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.corpora.Sequences;
import dev.credence.data.runs.Checkpoints;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.AdapterWriter;
import dev.credence.hub.Checkpoint;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.models.FolderHash;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** A training run in its folder: begins it or goes on with it, and ends with the model in the folder itself. */
public final class TrainingRun {
    /** What begins a run's folder: the model before its first step, where the run makes one. */
    private static final String START = "start";

    private static final String STATE = "state.bin";

    private final StoredRun run;
    private final TrainSettings settings;
    private final Corpus corpus;
    private final Consumer<String> report;

    /**
     * A run.
     *
     * @param run its folder, with the record of what is asked
     * @param corpus the documents that the record names
     * @param report takes lines of progress and warnings
     */
    public TrainingRun(StoredRun run, Corpus corpus, Consumer<String> report) {
        this.run = run;
        this.settings = SettingsFile.of(run.asked().provenance().settings());
        this.corpus = corpus;
        this.report = report;
    }

    /**
     * The files beside the corpus that decide what a run computes.
     *
     * @param settings of the run
     * @return with their hashes
     * @throws InputException if a folder is not there
     */
    public static List<Provenance.Input> inputs(TrainSettings settings) {
        List<Provenance.Input> inputs = new ArrayList<>();
        for (String folder :
                new String[] {settings.model().from(), settings.model().tokenizer()}) {
            if (folder != null) {
                if (!Files.isDirectory(Path.of(folder))) {
                    throw new InputException(folder, 0, "", "no such folder", "a model or tokenizer is in a folder");
                }
                inputs.addAll(FolderHash.of(Path.of(folder)));
            }
        }
        return inputs;
    }

    /**
     * Refuses to go on when an input is not what it was.
     *
     * @throws InputException naming the file and both hashes
     */
    public void checkInputs() {
        List<Provenance.Input> inputs = new ArrayList<>(corpus.inputs());
        inputs.addAll(inputs(settings));
        RunFiles.checkInputs(run, inputs);
    }

    /**
     * Takes the steps that are left, and puts the model into the folder.
     *
     * @return what came out
     * @throws IOException if something cannot be written; the last checkpoint then stays
     * @throws InputException if model, tokenizer and corpus do not fit
     */
    public TrainingOutcome go() throws IOException {
        Checkpoint form = Checkpoint.open(start());
        int vocabulary = form.architecture().vocabulary();
        try (TextTokenizer tokenizer = TextTokenizer.open(form.folder(), vocabulary);
                Transformer base = form.load(Backend.shared());
                TransformerPolicy policy = policy(base)) {
            Sequences sequences = new CorpusSequences(settings.corpus(), settings.length())
                    .of(corpus, tokenizer, form, run.asked().provenance().seed());
            report.accept(String.format(
                    "%,d documents, %,d sequences to learn with %,d tokens, %,d held out; %,d parameters",
                    corpus.documents().size(),
                    sequences.train().size(),
                    Sequences.tokens(sequences.train()),
                    sequences.validation().size(),
                    policy.trainedParameters()));
            long from = restore(policy);
            long began = System.nanoTime();
            steps(policy, form, sequences, from);
            double seconds = (System.nanoTime() - began) / 1e9;
            TrainingOutcome outcome = outcome(policy, sequences, seconds, settings.steps() - from);
            RunFiles.publish(run, settings.steps(), Set.of(STATE));
            return outcome;
        }
    }

    private TransformerPolicy policy(Transformer base) {
        LoraSettings lora = settings.model().lora();
        if (lora == null) {
            return TransformerPolicy.of(base, Trainable.all(), settings.optimiser(), settings.products());
        }
        SplittableRandom random = new SplittableRandom(run.asked().provenance().seed());
        try {
            return TransformerPolicy.lora(base, lora, settings.optimiser(), random, settings.products());
        } catch (IllegalArgumentException e) {
            throw InputException.ofOption("--lora-targets", lora.targets().pattern(), String.valueOf(e.getMessage()));
        }
    }

    /** The folder to begin from: the one named, or a new model, made once. */
    private Path start() throws IOException {
        String from = settings.model().from();
        if (from != null) {
            return Path.of(from);
        }
        Path start = run.path().resolve(START);
        if (!Files.isDirectory(start)) {
            NewModel.write(
                    start, settings.model(), corpus, run.asked().provenance().seed());
        }
        return start;
    }

    private long restore(TransformerPolicy policy) {
        return RunFiles.restore(
                run.checkpoints(),
                folder -> {
                    try (InputStream in =
                            new BufferedInputStream(Files.newInputStream(folder.resolve(STATE)), 1 << 16)) {
                        policy.restore(in);
                    }
                },
                report);
    }

    private void steps(TransformerPolicy policy, Checkpoint form, Sequences sequences, long from) throws IOException {
        try (Journal journal = Journal.open(
                run,
                new Journal.Sinks(settings.tensorboard(), settings.mlflow()),
                new ProgressLines(from, settings.steps(), report),
                report)) {
            new TrainingLoop(
                            policy,
                            sequences,
                            settings,
                            run.asked().provenance().seed())
                    .run(from, journal.keeping(steps -> keep(policy, form, steps)));
        }
    }

    /** A folder that other tools load, with what this one goes on from. */
    private void keep(TransformerPolicy policy, Checkpoint form, long steps) throws IOException {
        Checkpoints checkpoints = run.checkpoints();
        checkpoints.write(steps, into -> {
            if (settings.model().lora() == null) {
                form.save(policy.transformer(), into);
            } else {
                new AdapterWriter(form).write(policy.transformer(), into);
            }
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(into.resolve(STATE)), 1 << 16)) {
                policy.save(out);
            }
        });
        checkpoints.prune(RunFiles.KEPT);
    }

    private TrainingOutcome outcome(TransformerPolicy policy, Sequences sequences, double seconds, long stepsHere) {
        List<Continuation> measured = sequences.train();
        measured = measured.subList(0, Math.min(settings.measure(), measured.size()));
        return new TrainingOutcome(
                settings.steps(),
                policy.trainedParameters(),
                Sequences.tokens(sequences.train()),
                CorpusSequences.loss(policy, measured),
                CorpusSequences.loss(policy, sequences.validation()),
                seconds,
                stepsHere);
    }
}
