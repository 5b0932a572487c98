package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.options.EvidenceOption;
import dev.credence.app.options.KeptOutputs;
import dev.credence.app.options.MethodArguments;
import dev.credence.app.options.ModelOptions;
import dev.credence.app.options.Names;
import dev.credence.app.options.OutputFile;
import dev.credence.app.options.RewardOptions;
import dev.credence.app.view.ConditionOutput;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.rewards.EvidenceExpression;
import dev.credence.data.runs.RunRecord;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.conditioning.Answer;
import dev.credence.lab.conditioning.Asking;
import dev.credence.lab.conditioning.ConditioningPlan;
import dev.credence.lab.conditioning.DemonstrationFile;
import dev.credence.lab.conditioning.KeptConditioning;
import dev.credence.lab.conditioning.KeptMethods;
import dev.credence.lab.conditioning.MethodAnswers;
import dev.credence.lab.conditioning.MethodTurns;
import dev.credence.lab.conditioning.ModelConditioning;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.posteriors.PosteriorQuestion;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.methods.Conditioner;
import dev.credence.methods.Demonstrations;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.training.TrainedConditioner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Conditions a world by one or several methods, and audits each exactly. */
@Command(
        name = "condition",
        header = "Condition a world or a model by one or several methods: asked, aimed, got.",
        description = {
            "",
            "Asked is the reward at --beta. Each method states what it aims at; what was got is the exact audit of the"
                    + " policy it arrives at. Of a MODEL, a checkpoint folder, methods that train tune a copy; the texts of"
                    + " --prompts up to --horizon tokens are enumerated where they can be, else the saved policy is"
                    + " audited by rollouts. Each has a run's folder, --save or a new one in runs, with metrics and"
                    + " checkpoints; one that was killed or interrupted goes on with `credence resume RUN`, several"
                    + " methods as one run. Of several methods one that diverges or is refused does not keep the others: its"
                    + " row has its cause, and the exit code is 1. Methods draw by their own seed, 0 (credence methods NAME),"
                    + " unless --seed is given; audits by seed 1.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  credence condition t1 --method best-of-n --n 4",
            "  credence condition world.yaml --method tilt,best-of-n,quantilizer --beta 1 --n 4 --q 0.25",
            "  credence condition world.yaml --method feedme --threshold 2 --json condition.json -o report.html",
            "  credence condition t1 --method rloo,grpo,dpo --population --beta 0.5",
            "  credence condition checkpoint --method rloo --prompt 'Once' --horizon 5 --reward 'count:[aeiou]'",
            "  credence condition checkpoint --method rloo --prompts prompts.txt --horizon 5 --reward 'count:[aeiou]'"
                    + " --beta 0.5 --save tuned",
            "",
            "The methods and their options: credence methods"
        })
public final class ConditionCommand extends ModelCommand {
    private static final String PROMPT = "prompt";

    @Parameters(
            paramLabel = "WORLD|MODEL",
            completionCandidates = Names.OfWorlds.class,
            description =
                    "A world's file or name; a checkpoint folder; or a server, http://HOST:PORT/v1#MODEL, to draw from.")
    private String world = "";

    @Option(
            names = {"-m", "--method"},
            required = true,
            paramLabel = "M,M...",
            completionCandidates = Names.OfMethods.class,
            description = "The methods, separated by commas.")
    private String methods = "";

    @Mixin
    private RewardOptions question = new RewardOptions();

    @Option(
            names = "--evidence",
            paramLabel = "EVIDENCE",
            description = {
                "What is asked instead of the reward itself, " + EvidenceOption.SYNTAX,
                "A method takes its log-likelihood as its reward, 1/beta copies of it are asked for, and no reward is needed"
                        + " where it speaks of none."
            })
    private @Nullable String evidence;

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Also write the report, one HTML file.")
    private @Nullable String output;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public ConditionCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        double beta = beta();
        common().json().check(List.of(world));
        if (output != null) {
            OutputFile.check("output", output, List.of(world));
        }
        List<Conditioner> chosen = Methods.byNames(methods);
        MethodOptions given = MethodArguments.given(spec, question.rewardType());
        Map<String, String> ofMethods = without(without(given.values(), "beta"), "seed");
        boolean isModel = OpenModel.isModel(world) || OpenModel.isServer(world);
        boolean isPrompted = isModel && given.has(PROMPT) && chosen.stream().noneMatch(ConditionCommand::isPrompting);
        boolean isEnumerated = "true".equals(given.values().get(Methods.POPULATION));
        Map<String, String> ofSome = isPrompted ? without(ofMethods, PROMPT) : ofMethods;
        Methods.requireKnown(
                new MethodOptions(isEnumerated ? without(ofSome, Methods.POPULATION) : ofSome, question.rewardType()),
                chosen);
        if (isModel) {
            if (isEnumerated) {
                throw InputException.ofSetting(
                        Methods.POPULATION, "true", "a model's texts are too many to enumerate; it is for tables");
            }
            if (isPrompted) {
                model.prompt(ofMethods.getOrDefault(PROMPT, ""));
            }
            return conditionModel(chosen, given);
        }
        model.refuse(world);
        WorldInput source = WorldInput.read(world);
        Answer.Asked asked = Answer.Asked.of(source, asking(), beta, question.rewardType());
        MethodOptions typed = given.with(asked.rewardType())
                .with((setting, name) -> source.reward(setting, name).function());
        List<Provenance.Input> inputs = new ArrayList<>(List.of(source.input()));
        Demonstrations texts = DemonstrationFile.in(given).demonstrations();
        DemonstrationFile.warn(texts, this::report);
        inputs.addAll(DemonstrationFile.inputs(texts));
        MethodTurns turns = new MethodTurns(chosen.size(), this::report);
        for (Conditioner method : chosen) {
            MethodOptions typedOf = KeptMethods.only(typed, method);
            MethodOptions own = isEnumerated ? typedOf.with(Methods.POPULATION, true) : typedOf;
            boolean isExactAnyway = isEnumerated && Methods.isEnumerated(method);
            method.with(own); // a setting that breaks its rule ends all
            turns.take(method, typedOf, () -> Answer.of(method, own, asked.reward(), asked, common().seed()));
            if (isExactAnyway) {
                report(method.card().name() + ": its policy on a table is exact, with --population and without");
            }
        }
        MethodAnswers answers = turns.end();
        int code = output().write(source.input().name(), provenance(withConfig(inputs), asked), asked, answers);
        List<String> missed =
                answers.answers().stream().flatMap(run -> run.missed().stream()).toList();
        if (!missed.isEmpty()) {
            console().report("credence: " + String.join("; ", missed));
            return ExitCode.FAILED;
        }
        return code;
    }

    /** Whether {@code --prompt} is a setting of the method, not the text that completions of a model stand behind. */
    private static boolean isPrompting(Conditioner method) {
        return method.card().options().stream().anyMatch(option -> option.name().equals(PROMPT));
    }

    private PosteriorQuestion asking() {
        EvidenceExpression once = evidence == null ? EvidenceExpression.ofReward() : EvidenceExpression.parse(evidence);
        return new PosteriorQuestion(once, question.reward());
    }

    private double beta() {
        Double stated = question.beta();
        double beta = stated == null ? 1 : stated;
        if (!(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("beta", String.valueOf(beta), "it must be a finite number, 0 or larger");
        }
        return beta;
    }

    private int conditionModel(List<Conditioner> chosen, MethodOptions given) throws IOException {
        Asking asking = new Asking(question.reward(), evidence, beta(), question.rewardType());
        asking.check();
        Prompts prompts = model.read();
        ConditioningPlan plan = new ConditioningPlan(
                ConditioningPlan.absolute(world),
                model.prompts(),
                model.horizon(),
                model.begin(),
                asking,
                model.auditSamples(),
                model.draws(),
                common().seed(),
                model.care());
        model.requireFree();
        boolean isTrained = chosen.stream().anyMatch(TrainedConditioner.class::isInstance);
        ProcessPlaces places = model.processes();
        if (places.isShared() && !isTrained) {
            throw InputException.ofSetting(
                    "processes",
                    Integer.toString(places.number()),
                    "they share training, and " + methods + " trains nothing");
        }
        common().json().refuseStandardOutput(places.isShared());
        boolean isKept = model.isSaved() || isTrained;
        try (ModelConditioning conditioning = new ModelConditioning(plan.question(prompts), places, this::report)) {
            List<Provenance.Input> inputs = conditioning.inputs(prompts, DemonstrationFile.in(given));
            Provenance provenance = provenance(withConfig(inputs), conditioning.asked());
            if (chosen.size() > 1 && isKept) {
                RunRecord record = plan.record(chosen, given, provenance(inputs, conditioning.asked()));
                KeptMethods kept = KeptMethods.begin(model.folder("condition"), plan, chosen, given, record);
                KeptOutputs.of(common(), output).keep(kept.run());
                return new ConditionSession(output(), this::report).go(kept, conditioning, provenance);
            }
            MethodTurns turns = new MethodTurns(chosen.size(), this::report);
            for (Conditioner method : chosen) {
                conditioning.require(method, KeptMethods.only(given, method));
            }
            for (Conditioner method : chosen) {
                MethodOptions own = KeptMethods.only(given, method);
                if (method instanceof TrainedConditioner trained) {
                    List<Provenance.Input> read = conditioning.inputs(prompts, own);
                    RunRecord record = plan.record(trained, own, provenance(read, conditioning.asked()));
                    StoredRun run = StoredRun.begin(model.folder(method.card().name()), record);
                    KeptOutputs.of(common(), output).keep(run);
                    turns.take(method, own, () -> new KeptConditioning(run, plan).go(conditioning, trained, own));
                } else {
                    turns.take(method, own, () -> conditioning.untrained(method, own, model.log()));
                }
            }
            return output().write(conditioning.prior().title(), provenance, conditioning.asked(), turns.end());
        }
    }

    private Provenance provenance(List<Provenance.Input> inputs, Answer.Asked asked) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("method", methods);
        settings.put("beta", String.valueOf(asked.beta()));
        settings.put(asked.evidence() == null ? "reward" : "evidence", asked.rewardName());
        settings.put("reward-type", asked.rewardType().word());
        return provenance(settings, inputs);
    }

    private ConditionOutput output() {
        return new ConditionOutput(console(), common(), this::report, output);
    }

    private static Map<String, String> without(Map<String, String> values, String name) {
        Map<String, String> rest = new LinkedHashMap<>(values);
        rest.remove(name);
        return rest;
    }
}
