package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.Progress;
import dev.credence.app.options.AuditQuestion;
import dev.credence.app.options.DumpOptions;
import dev.credence.app.options.EngineOptions;
import dev.credence.app.options.EvidenceOption;
import dev.credence.app.options.FollowOptions;
import dev.credence.app.options.LogOptions;
import dev.credence.app.options.ModelAuditOptions;
import dev.credence.app.options.Names;
import dev.credence.app.options.OutputFile;
import dev.credence.app.options.RunFolder;
import dev.credence.app.options.StatedAim;
import dev.credence.app.options.ThresholdOptions;
import dev.credence.app.view.AuditPrinter;
import dev.credence.app.view.Audited;
import dev.credence.app.view.Detail;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.provenance.InputException;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.files.InputFiles;
import dev.credence.lab.audits.AuditOutcome;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.AuditSource;
import dev.credence.lab.audits.DumpAudit;
import dev.credence.lab.audits.FollowedAudit;
import dev.credence.lab.audits.FollowedFolder;
import dev.credence.lab.audits.LogAudit;
import dev.credence.lab.audits.ModelAudit;
import dev.credence.lab.audits.TableAudit;
import dev.credence.lab.engines.Engine;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.Prompts;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Audits a log of rollouts, or a policy given as a table. */
@Command(
        name = "audit",
        header = "How much of a policy's departure from its prior is conditioning, on what, how often?",
        description = {
            "",
            "Audits rollout logs (JSON Lines, plain, .gz or .zst, or Parquet; files, folders, patterns, or - for"
                    + " standard input), all together as one log; or a world, a table of outcomes in YAML or CSV,"
                    + " exactly. Of a log with several steps the thresholds and the exit code speak of the last.",
            "",
            "With --prior and --policy two checkpoint folders are audited: rollouts are drawn from both and scored"
                    + " under both, in rounds; the log is kept in runs/NAME and audited. With --exact every completion"
                    + " is enumerated. With a LOG besides, what it lacks is scored and drawn. Texts are kept as they are"
                    + " drawn, in a file ending in .partial beside the log: after an interruption (exit code 130) or a"
                    + " failure the same command goes on from there.",
            "",
            "Policy texts drawn or scored here carry kl_tokens: the KL of the policy's next-token distribution from the"
                    + " prior's, summed over the text's tokens, nats. Any log whose policy records have this field gives"
                    + " kl.policy_prior.rao_blackwell, with its variance beside that of the plain log-ratio (k1). The"
                    + " policy is the model's own distribution: temperature 1, nothing truncated.",
            ""
        },
        footer = {
            "",
            "Exit code: 0 done; 1 failed; 2 bad input. With thresholds they alone decide: 4 one is not met; 3 a figure"
                    + " that one names is withdrawn, which goes first. Without: 3 the verdict is 'cannot tell'. Each with"
                    + " a line on standard error that says why.",
            "",
            "Examples:",
            "  credence audit rollouts.jsonl --beta 0.05",
            "  credence audit rollouts.jsonl --beta 0.05 --fail-under bayes_fraction=0.8 --junit audit.xml",
            "  credence audit --prior base --policy tuned --prompts p.jsonl --reward 'count:\\blove\\b' --beta 0.05",
            "  credence audit world.yaml --policy tuned.yaml --beta 1",
            "  credence audit run/dumps --format trl --step last --prior base --policy tuned --reward length",
            "  credence audit 'logs/step-*.jsonl.zst' --beta 0.05 -o report.html --json audit.json",
            "  credence audit rollouts.jsonl --config audit.yaml",
            "  credence audit rollouts.jsonl --reward 'warm=0.5*count:\\blove\\b' --candidate len=length",
            "  credence audit dump.parquet --format trl --field logp_policy=logps.sum --reward field:accuracy",
            "  credence audit t1 --method best-of-n --n 4 --beta 1",
            "  credence audit --exact --horizon 5 --prior base --policy tuned --prompts p.jsonl --reward length",
            "  credence audit rollouts.jsonl --prior base --policy tuned --reward contains:love --beta 0.1",
            "  credence audit --follow run/dumps --beta 0.05 --fail-under bayes_fraction=0.5 --idle 3600",
            "  credence audit hdfs://store/rollouts --beta 0.05 --engine spark --master yarn"
        })
public final class AuditCommand extends ModelCommand {
    /** From so many bytes on, reading a log takes more than a moment. */
    private static final long LONG = 50_000_000;

    @Parameters(arity = "0..*", paramLabel = "LOG|WORLD", description = "Rollout logs, or one world.")
    private List<String> inputs = new ArrayList<>();

    @Option(
            names = "--policy",
            paramLabel = "FILE|MODEL",
            description = "The tuned policy: of a world, as a table, where the world's file has none; beside --prior,"
                    + " its checkpoint folder.")
    private @Nullable String policy;

    @Option(
            names = {"-m", "--method"},
            paramLabel = "M",
            completionCandidates = Names.OfMethods.class,
            description = "The method that made the policy: judges it against what that method aims at, too.")
    private @Nullable String method;

    @Option(
            names = "--evidence",
            paramLabel = "EVIDENCE",
            description = {
                "Judges the policy against the prior given what was observed, too: " + EvidenceOption.SYNTAX,
                "It is about one reward, which is the one that is audited; copies of it stand before it, and --beta stays that of"
                        + " the tuning."
            })
    private @Nullable String evidence;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private AuditQuestion question = new AuditQuestion();

    @Mixin
    private LogOptions reading = new LogOptions();

    @Mixin
    private ModelAuditOptions modelling = new ModelAuditOptions();

    @Mixin
    private DumpOptions dumping = new DumpOptions();

    @Mixin
    private ThresholdOptions thresholds = new ThresholdOptions();

    @Mixin
    private FollowOptions following = new FollowOptions();

    @Mixin
    private EngineOptions engine = new EngineOptions();

    @Mixin
    private AuditOutputs outputs = new AuditOutputs();

    /** What an engine says of itself, once it was asked. */
    private final Map<String, String> engaged = new LinkedHashMap<>();

    /** Where a drawn log is kept, where it is kept in a run's folder. */
    private @Nullable RunLog kept;

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public AuditCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        if (policy != null) {
            modelling.defaultToBaseOf(policy);
        }
        String followed = following.folder();
        if (followed
                == null) { // first: of two models a missing --prompts is told before a --prompt, which a method has
            modelling.check(!inputs.isEmpty());
        }
        AuditRequest request;
        StatedAim stated = StatedAim.of(method, spec, question.rewardType());
        if (evidence == null) {
            request = question.request(stated.aim(), common().seed());
        } else {
            if (method != null) {
                throw InputException.ofSetting(
                        "evidence", evidence, "the policy is held against evidence, or against what a method aims at");
            }
            request = question.requestOn(evidence, common().seed());
            stated = StatedAim.at(request.aim());
        }
        thresholds.thresholds();
        if (followed != null) {
            return follow(followed, request, stated);
        }
        dumping.check(!inputs.isEmpty(), modelling.prior() != null, policy);
        if (stated.warning() != null) {
            report("warning: " + stated.warning());
        }
        return finish(audit(source(), request, stated));
    }

    private int follow(String watched, AuditRequest request, StatedAim stated) throws IOException {
        boolean isLocal = engine.isLocal();
        if (!isLocal) {
            following.refuseSettled();
        }
        Path prompts = outputs.promptsFile();
        if (prompts != null) {
            throw InputException.ofSetting(
                    "prompts-file", prompts.toString(), "following a folder keeps the figures of no prompt apart");
        }
        if (!inputs.isEmpty() || modelling.prior() != null) {
            throw InputException.ofSetting(
                    "follow", watched, "the folder is all that is audited: name no other input and no model");
        }
        FollowedAudit.Pace pace = following.pace();
        check(List.of());
        Path run = RunFolder.make(
                modelling.run(),
                "follow-" + Path.of(watched).toAbsolutePath().getFileName(),
                new RunFolder.Unfinished() {
                    @Override
                    public boolean is(Path found) throws IOException {
                        return FollowedAudit.continues(found, watched, reading.reading(), request);
                    }

                    @Override
                    public String otherwise(Path found) throws IOException {
                        return FollowedAudit.refusal(found, watched, request);
                    }
                });
        report("keeping the audits in " + run);
        FollowedAudit audit = new FollowedAudit(watched, reading.reading(), run, pace, this::report);
        Predicate<StepAudit> fails = step -> thresholds.outcomes(step).stream().anyMatch(ThresholdOutcome::isMissed);
        FollowedAudit.Taker taker = outcome -> {
            AuditReport report = report(outcome, request, stated);
            OutputFile.write(run.resolve("audit.json"), out -> AuditJson.write(report, out));
        };
        FollowedAudit.Ended ended = isLocal
                ? audit.follow(request, fails, taker)
                : followShared(audit, new Engine.Followed(watched, pace), request, fails, taker);
        AuditOutcome outcome = ended.outcome();
        if (!Objects.equals(ended.held().step(), outcome.last().step())) {
            report("step " + ended.held().step() + " of " + outcome.last().step() + " is the one that ended it");
        }
        Audited audited = new Audited(
                        outcome.title(), outcome.described(), stated.words(), report(outcome, request, stated))
                .with(thresholds.outcomes(outcome.steps(), ended.held()));
        OutputFile.write(run.resolve("audit.json"), out -> AuditJson.write(audited.report(), out));
        write(audited);
        return outputs.complain(audited, console());
    }

    private FollowedAudit.Ended followShared(
            FollowedAudit audit,
            Engine.Followed followed,
            AuditRequest request,
            Predicate<StepAudit> fails,
            FollowedAudit.Taker taker)
            throws IOException {
        try (Engine.Session session = engine.open();
                FollowedFolder folder = session.follow(followed)) {
            engaged.putAll(session.described());
            return audit.follow(request, folder, fails, taker);
        }
    }

    private AuditReport report(AuditOutcome outcome, AuditRequest request, StatedAim stated) {
        return outcome.withPromptsFile(null)
                .report(request, provenance(settings(outcome, request, stated), withConfig(outcome.inputs())));
    }

    @SuppressWarnings("try") // that the progress is open is all it does
    private Audited audit(AuditSource source, AuditRequest request, StatedAim stated) throws IOException {
        try (Progress progress = isLong() ? working("auditing " + subject()) : Progress.none()) {
            AuditOutcome whole = source.audit(request);
            // A log's went there prompt by prompt.
            AuditOutcome outcome = whole.withPromptsFile(source instanceof LogAudit ? null : outputs.promptsFile());
            return new Audited(outcome.title(), outcome.described(), stated.words(), report(outcome, request, stated));
        }
    }

    private Map<String, String> settings(AuditOutcome outcome, AuditRequest request, StatedAim stated) {
        Map<String, String> settings = question.settings(outcome.reward());
        stated.describe(settings);
        if (evidence != null) {
            settings.put("evidence", evidence);
            settings.put("reward-type", request.rewardType().word());
        }
        if (!isTable()) {
            reading.describe(settings);
        }
        if (modelling.prior() != null) {
            modelling.describe(settings, outcome.facts());
        }
        if (!outcome.assumed().isEmpty()) {
            settings.put("assumed", String.join("; ", outcome.assumed()));
        }
        thresholds.describe(settings);
        settings.putAll(engaged);
        return settings;
    }

    private boolean isTable() {
        return modelling.prior() == null && (policy != null || inputs.stream().anyMatch(WorldInput::isWorld));
    }

    /** Whether it takes more than a moment. */
    private boolean isLong() {
        return modelling.prior() != null
                || !engine.isLocal()
                || (!isTable() && bytes(InputFiles.expand(inputs)) >= LONG);
    }

    private static long bytes(List<String> files) {
        return files.stream()
                .mapToLong(file -> file.equals(InputFiles.STANDARD_INPUT) ? LONG : new File(file).length())
                .sum();
    }

    private String subject() {
        return inputs.isEmpty() ? String.valueOf(policy) : LogAudit.title(inputs);
    }

    /** What is to be audited; outputs that cannot be written, or would be written over it, are refused. */
    private AuditSource source() {
        String prior = modelling.prior();
        if (prior != null) {
            engine.refuse("an audit of models");
            return ofModels(prior);
        }
        if (isTable()) {
            engine.refuse("an audit of a table");
            check(tableFiles());
            return TableAudit.read(inputs.get(0), policy);
        }
        if (!engine.isLocal()) {
            check(inputs);
            return this::shared;
        }
        check(InputFiles.expand(inputs));
        return new LogAudit(inputs, console().in(), reading.reading(), this::report)
                .withPromptsFile(outputs.promptsFile());
    }

    private AuditOutcome shared(AuditRequest request) throws IOException {
        try (Engine.Session session = engine.open()) {
            engaged.putAll(session.described());
            boolean everyPrompt = outputs.promptsFile() != null;
            return session.audit(inputs, reading.reading(), everyPrompt, this::report)
                    .audit(request);
        }
    }

    private AuditSource ofModels(String prior) {
        if (policy == null && dumping.policies() == null) {
            throw InputException.ofSetting("policy", "missing", "name the tuned model's checkpoint folder");
        }
        List<String> files = inputs.isEmpty() ? List.of() : InputFiles.expand(inputs);
        check(files);
        if (!files.isEmpty() && (dumping.isGiven() || reading.isOfTool())) {
            return new DumpAudit(
                    new DumpAudit.Dump(files, reading.reading(), dumping.steps()),
                    new DumpAudit.Models(prior, policy),
                    modelling.settings(),
                    completed(files),
                    this::report);
        }
        RunFolder.check(modelling.run());
        return request -> {
            ModelAudit.check(request, !files.isEmpty());
            Prompts prompts = files.isEmpty() ? Prompts.read(String.valueOf(modelling.prompts())) : null;
            try (ModelPair models =
                    ModelPair.open(prior, String.valueOf(policy), modelling.end(), modelling.precision())) {
                models.warnings().forEach(this::report);
                return of(models, files, prompts).audit(request);
            }
        };
    }

    private AuditSource of(ModelPair models, List<String> files, @Nullable Prompts prompts) {
        ModelAudit audit = new ModelAudit(models, modelling.settings(), this::report);
        if (prompts == null) {
            return audit.completed(files, console().in(), reading.reading(), completed(files));
        }
        if (modelling.exact()) {
            return audit.exact(prompts, modelling.horizon());
        }
        String log = modelling.log();
        if (log != null) {
            return audit.drawn(prompts, run -> Path.of(log));
        }
        kept = new RunLog(modelling.run(), "audit-" + models.policy().title());
        return audit.drawn(prompts, kept);
    }

    private Path completed(List<String> files) {
        String log = modelling.log();
        return log != null ? Path.of(log) : beside(files.get(0));
    }

    private int finish(Audited unheld) throws IOException {
        Audited audited = unheld.with(thresholds.outcomes(unheld.report().steps(), unheld.last()));
        try {
            if (kept != null) {
                OutputFile.write(kept.beside("audit.json"), out -> AuditJson.write(audited.report(), out));
            }
            write(audited);
        } catch (IOException | UncheckedIOException e) {
            if (kept != null) { // all was drawn, and is not drawn again for a file that could not be written
                report("the log is whole: audit " + kept.log() + " in the place of the models");
            }
            throw e;
        }
        return outputs.complain(audited, console());
    }

    /** Refuses outputs that cannot be written, or would be written over what is read. */
    private void check(List<String> files) {
        List<String> read = new ArrayList<>(files);
        Stream.of(config(), modelling.prompts()).filter(Objects::nonNull).forEach(read::add);
        common().json().check(read);
        Map<String, @Nullable String> others = new LinkedHashMap<>();
        others.put("json", common().json().file());
        others.put("log", modelling.log());
        outputs.check(read, others);
    }

    /** Where a completed log goes: {@code rollouts.jsonl.gz} becomes {@code rollouts.completed.jsonl}. */
    private static Path beside(String file) {
        if (file.equals(InputFiles.STANDARD_INPUT)) {
            throw InputException.ofSetting(
                    "log", "missing", "a log from standard input needs a name for its completion");
        }
        Path path = Path.of(file);
        String stem = path.getFileName().toString().replaceFirst("\\.(jsonl|json|parquet)(\\.(gz|zst))?$", "");
        return path.resolveSibling(stem + InputFiles.COMPLETED);
    }

    private void write(Audited audited) throws IOException {
        AuditReport report = audited.report();
        if (printsText()) {
            Detail detail = common().verbose() ? Detail.FULL : Detail.BRIEF;
            new AuditPrinter(console(), detail).print(audited.title() + " · " + audited.described(), report);
        }
        common().json().write(console(), out -> AuditJson.write(report, out));
        outputs.write(audited, this::report);
    }

    private List<String> tableFiles() {
        if (inputs.size() != 1) {
            inputs.stream().filter(WorldInput::isWorld).forEach(WorldInput::refuseLog);
            throw InputException.ofSetting("WORLD", String.join(" ", inputs), "one world is audited at a time");
        }
        return policy == null ? inputs : List.of(inputs.get(0), policy);
    }
}
