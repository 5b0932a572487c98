package dev.credence.lab.training;

import dev.credence.core.model.Continuation;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.core.training.Optimiser;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.corpora.Sequences;
import dev.credence.data.json.Json;
import dev.credence.data.runs.Checkpoints;
import dev.credence.data.runs.Metrics;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.AdapterWriter;
import dev.credence.hub.Checkpoint;
import dev.credence.hub.TextTokenizer;
import dev.credence.lab.models.FolderHash;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.lab.processes.RunProcess;
import dev.credence.lab.processes.RunProcesses;
import dev.credence.lab.runs.Interruption;
import dev.credence.lab.runs.Journal;
import dev.credence.lab.runs.ProgressLines;
import dev.credence.lab.runs.RunFiles;
import dev.credence.lab.runs.RunMachine;
import dev.credence.torch.Backend;
import dev.credence.torch.Transformer;
import dev.credence.torch.architecture.LoraSettings;
import dev.credence.torch.architecture.Precision;
import dev.credence.torch.training.ProcessGroup;
import dev.credence.torch.training.Trainable;
import dev.credence.torch.training.TransformerPolicy;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A model's training on a corpus, in a run's folder: begins it or goes on with it, and ends with the model in the folder itself,
 * in the hub's format, beside what came out.
 */
public final class CorpusRun {
    /** What a run's record says it is. */
    public static final String KIND = "train";

    /** What begins a run's folder: the model before its first step, where the run makes one. */
    private static final String START = "start";

    private static final String STATE = "state.bin";

    private final StoredRun run;
    private final CorpusTrainingSettings settings;
    private final Corpus corpus;
    private final Consumer<String> report;
    private ProcessPlaces places = ProcessPlaces.here(1);

    /**
     * A run.
     *
     * @param run its folder, whose record has the seed
     * @param settings those that the record names
     * @param corpus the documents that the record names
     * @param report takes lines of progress and warnings
     */
    public CorpusRun(StoredRun run, CorpusTrainingSettings settings, Corpus corpus, Consumer<String> report) {
        this.run = run;
        this.settings = settings;
        this.corpus = corpus;
        this.report = report;
    }

    /**
     * Begins a run's folder; no step is taken yet.
     *
     * @param folder a new one, or an empty one; its parents are made
     * @param corpus the names of the files that the documents come from, or of a world
     * @param asked seed, settings by name, inputs with their hashes
     * @return the folder, with the record in it
     * @throws InputException if there is something in the folder already, or it cannot be made or written to
     */
    public static StoredRun begin(Path folder, List<String> corpus, Provenance asked) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        return StoredRun.begin(folder, new RunRecord(KIND, corpus, asked, RunMachine.ofModels(), now));
    }

    /**
     * A run that was broken off, to go on with.
     *
     * @param run its folder
     * @param report takes lines of progress and warnings
     * @return the run, with settings, seed and corpus of its record
     * @throws IOException if reading fails
     * @throws InputException if it is of another kind, or an input is not what it was
     */
    public static CorpusRun resume(StoredRun run, Consumer<String> report) throws IOException {
        RunRecord asked = run.asked();
        if (!asked.kind().equals(KIND)) {
            throw new InputException(
                    run.path().toString(), 0, "kind", asked.kind(), "what goes on is a run of training on a corpus");
        }
        CorpusTrainingSettings settings =
                CorpusTrainingSettings.ofNamed(asked.provenance().settings());
        Corpus corpus = CorpusInput.read(
                asked.arguments(), settings.corpus(), asked.provenance().seed());
        CorpusRun training = new CorpusRun(run, settings, corpus, report);
        training.checkInputs();
        return training;
    }

    /**
     * The files beside the corpus that decide what a run computes.
     *
     * @param settings of the run
     * @return with their hashes
     * @throws InputException if a folder is not there
     */
    public static List<Provenance.Input> inputs(CorpusTrainingSettings settings) {
        Path folder = settings.start() instanceof Start.FromScratch made
                ? made.tokenizer()
                : ((Start.FromCheckpoint) settings.start()).folder();
        if (folder == null) {
            return List.of();
        }
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder.toString(), 0, "", "no such folder", "a model or tokenizer is in a folder");
        }
        return FolderHash.of(folder);
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
     * Takes the steps that are left, puts the model into the folder, and the result: from then on the run is done.
     *
     * @return what came out
     * @throws IOException if something cannot be written; the last checkpoint then stays
     * @throws InputException if model, tokenizer and corpus do not fit; a run that never began is taken back
     * @throws dev.credence.lab.runs.InterruptedRunException if the process was asked to end; a checkpoint is written
     */
    public TrainingOutcome go() throws IOException {
        return RunFiles.alone(run, () -> {
            TrainingOutcome outcome;
            try {
                outcome = train();
            } catch (IOException e) {
                throw new IOException(e.getMessage() + "; " + RunFiles.kept(run), e);
            }
            Map<String, @Nullable Object> document = document(outcome);
            run.finish(out -> Json.write(document, out));
            return outcome;
        });
    }

    private Map<String, @Nullable Object> document(TrainingOutcome outcome) {
        Provenance provenance = run.asked().provenance();
        Map<String, @Nullable Object> document = Json.document("credence.train/1", provenance);
        document.put("run", run.path().toString());
        document.putAll(outcome.figures());
        Map<String, @Nullable Object> made = new LinkedHashMap<>(Json.provenance(provenance));
        made.put("started", run.asked().started());
        made.put("machine", run.asked().machine());
        document.put("provenance", made);
        return document;
    }

    /**
     * Has each step taken by several processes, each with its share of the batch. Figures are those of one process but for the
     * last bits, and a run may go on with another number of them, elsewhere.
     *
     * @param processes how many, at most as many as a batch has sequences, and where
     * @return this
     * @throws InputException if they are more
     */
    public CorpusRun on(ProcessPlaces processes) {
        checkProcesses(processes.number(), settings);
        places = processes;
        return this;
    }

    /**
     * Refuses a number of processes before a run begins.
     *
     * @param number of processes
     * @param settings of the run
     * @throws InputException unless it is 1 or more, and at most as many as a batch has sequences
     */
    public static void checkProcesses(int number, CorpusTrainingSettings settings) {
        int batch = settings.pace().batch();
        if (!(number >= 1 && number <= batch)) {
            throw InputException.ofSetting(
                    "processes", Integer.toString(number), "it is 1 or more, and at most the batch, " + batch);
        }
    }

    /** Computes a share of every step for the process that keeps the run. */
    void share(RunProcess place) throws IOException {
        Checkpoint form = Checkpoint.open(start());
        try (TextTokenizer tokenizer =
                        TextTokenizer.open(form.folder(), form.architecture().vocabulary());
                Transformer base = form.load(Backend.sharedBy(place.perMachine()));
                TransformerPolicy policy = policy(base)) {
            Sequences sequences = new CorpusSequences(
                            settings.corpus(), settings.pace().length())
                    .of(corpus, tokenizer, form, seed());
            long from = restore(policy);
            try (ProcessGroup group = place.join()) {
                policy.stepTogether(group);
                Sequences toLearn = new Sequences(sequences.train(), List.of());
                new TrainingLoop(policy, toLearn, settings, seed()).run(from, TrainingLoop.StepListener.NONE);
            }
        }
    }

    private long seed() {
        return run.asked().provenance().seed();
    }

    private TrainingOutcome train() throws IOException {
        corpus.origins().warnings().forEach(words -> report.accept("warning: " + words));
        Checkpoint form = Checkpoint.open(start());
        int vocabulary = form.architecture().vocabulary();
        try (TextTokenizer tokenizer = TextTokenizer.open(form.folder(), vocabulary);
                Transformer base = form.load(Backend.sharedBy(places.perMachine()));
                TransformerPolicy policy = policy(base)) {
            Sequences sequences = new CorpusSequences(
                            settings.corpus(), settings.pace().length())
                    .of(corpus, tokenizer, form, seed());
            report.accept(String.format(
                    "%,d documents, %,d sequences to learn with %,d tokens, %,d held out; %,d parameters",
                    corpus.documents().size(),
                    sequences.train().size(),
                    Sequences.tokens(sequences.train()),
                    sequences.validation().size(),
                    policy.trainedParameters()));
            long from = restore(policy);
            double seconds = together(policy, form, sequences, from);
            long steps = settings.pace().steps();
            TrainingOutcome outcome = outcome(policy, sequences, seconds, steps - from);
            RunFiles.publish(run, steps, Set.of(STATE));
            return outcome;
        }
    }

    private @Nullable LoraSettings adapter() {
        return settings.start() instanceof Start.FromCheckpoint from ? from.adapter() : null;
    }

    private TransformerPolicy policy(Transformer base) {
        LoraSettings lora = adapter();
        Optimiser optimiser = settings.optimiser().over(settings.pace().steps());
        Precision products = settings.pace().precision();
        if (lora == null) {
            return TransformerPolicy.of(base, Trainable.all(), optimiser, products);
        }
        try {
            return TransformerPolicy.lora(base, lora, optimiser, new SplittableRandom(seed()), products);
        } catch (IllegalArgumentException e) {
            throw InputException.ofSetting("lora-targets", lora.targets().pattern(), String.valueOf(e.getMessage()));
        }
    }

    /** The folder to begin from: the one named, or a new model, made once. */
    private Path start() throws IOException {
        if (settings.start() instanceof Start.FromScratch made) {
            Path start = run.path().resolve(START);
            if (!Files.isDirectory(start)) {
                NewModel.write(start, made, corpus, seed());
            }
            return start;
        }
        return ((Start.FromCheckpoint) settings.start()).folder();
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

    /** The seconds that the steps took. */
    private double together(TransformerPolicy policy, Checkpoint form, Sequences sequences, long from)
            throws IOException {
        if (!places.isShared() || from == settings.pace().steps()) {
            return steps(policy, form, sequences, from);
        }
        return RunProcesses.together(run, places, TrainingProcess.class, group -> {
            policy.stepTogether(group);
            return steps(policy, form, sequences, from);
        });
    }

    private double steps(TransformerPolicy policy, Checkpoint form, Sequences sequences, long from) throws IOException {
        long began = System.nanoTime();
        try (Interruption interruption = Interruption.watch(report);
                Journal journal = Journal.open(
                        run,
                        settings.measuring().sinks(),
                        new ProgressLines(from, settings.pace().steps(), report),
                        report)) {
            TrainingLoop loop = new TrainingLoop(policy, sequences, settings, seed());
            OptionalLong stopped = loop.run(from, new TrainingLoop.StepListener() {
                @Override
                public void measured(Metrics.Point point) throws IOException {
                    journal.measured(point);
                }

                @Override
                public void keep(long steps) throws IOException {
                    journal.force(); // a checkpoint comes after the metrics up to it are on the disk
                    CorpusRun.this.keep(policy, form, steps);
                }

                @Override
                public void skipped(long step, String why) {
                    report.accept("warning: step " + step + " changed nothing: " + why);
                }

                @Override
                public boolean isStopped() {
                    return interruption.isAsked();
                }
            });
            if (stopped.isPresent()) {
                throw RunFiles.interrupted(run, stopped.getAsLong(), report);
            }
        }
        return (System.nanoTime() - began) / 1e9;
    }

    /** A folder that other tools load, with what this one goes on from. */
    private void keep(TransformerPolicy policy, Checkpoint form, long steps) throws IOException {
        Checkpoints checkpoints = run.checkpoints();
        checkpoints.write(steps, into -> {
            if (adapter() == null) {
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
        measured = measured.subList(0, Math.min(settings.measuring().measure(), measured.size()));
        return new TrainingOutcome(
                settings.pace().steps(),
                policy.trainedParameters(),
                Sequences.tokens(sequences.train()),
                CorpusSequences.loss(policy, measured),
                CorpusSequences.loss(policy, sequences.validation()),
                seconds,
                stepsHere);
    }
}
