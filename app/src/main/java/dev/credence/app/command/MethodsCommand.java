package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.app.options.MethodArguments;
import dev.credence.app.options.Names;
import dev.credence.core.posterior.Aim;
import dev.credence.core.provenance.InputException;
import dev.credence.data.json.Json;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodCard;
import dev.credence.methods.MethodOption;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.Range;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the methods with what they aim at, or describes one. */
@Command(
        name = "methods",
        header = "The methods there are, each with what it aims at; or one with its options.",
        footer = {"", "Examples:", "  credence methods", "  credence methods best-of-n"})
public final class MethodsCommand extends Subcommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            completionCandidates = Names.OfMethods.class,
            description = "Describe this method.")
    private @Nullable String name;

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public MethodsCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        List<Conditioner> methods = name == null ? Methods.all() : List.of(named(name));
        if (printsText()) {
            if (name == null) {
                list(methods);
            } else {
                methods.forEach(this::describe);
            }
        }
        Map<String, @Nullable Object> document = Json.document("credence.methods/1", provenance(Map.of(), List.of()));
        document.put("methods", methods.stream().map(this::fields).toList());
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private static Conditioner named(String name) {
        try {
            return Methods.byName(name);
        } catch (InputException e) {
            throw InputException.ofSetting("NAME", name, e.rule());
        }
    }

    private void list(List<Conditioner> methods) {
        for (Conditioner method : methods) {
            console().line(Style.BOLD, method.card().name());
            console().paragraph(4, method.card().summary());
            console().paragraph(4, "aims at: " + aim(method));
        }
    }

    private void describe(Conditioner method) {
        MethodCard card = method.card();
        console().line(Style.BOLD, card.name());
        console().paragraph(2, card.summary());
        console().line();
        Aim aim = standardAim(method);
        console().paragraph(2, "aims at: " + aim(method));
        if (aim != null) {
            console().paragraph(2, "minimises on the way: " + aim.divergence());
        }
        console().paragraph(2, "source: " + card.reference());
        if (!card.aliases().isEmpty()) {
            console().paragraph(2, "also called: " + String.join(", ", card.aliases()));
        }
        if (!card.options().isEmpty()) {
            console().line();
            TextTable options = new TextTable(2).words("option", 18).words("default", 10);
            for (MethodOption option : card.options()) {
                String standard = standard(option);
                options.row(Style.PLAIN, "--" + option.name(), standard.isEmpty() ? "–" : standard);
                options.note(option.help(MethodArguments::dashed));
            }
            options.print(console());
        }
    }

    /** What it aims at with the standard options; null where one must be given first. */
    private static @Nullable Aim standardAim(Conditioner method) {
        try {
            return method.aim(MethodOptions.none());
        } catch (InputException e) {
            return null;
        }
    }

    private static String aim(Conditioner method) {
        try {
            return method.aim(MethodOptions.none()).evidence();
        } catch (InputException e) {
            return "what --" + e.field() + " says: " + e.rule();
        }
    }

    private Map<String, @Nullable Object> fields(Conditioner method) {
        MethodCard card = method.card();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("name", card.name());
        fields.put("aliases", card.aliases());
        fields.put("summary", card.summary());
        Map<String, @Nullable Object> aimed = new LinkedHashMap<>();
        Aim aim = standardAim(method);
        aimed.put("evidence", aim(method));
        aimed.put("divergence", aim == null ? null : aim.divergence());
        fields.put("aimed", aimed);
        fields.put("reference", card.reference());
        fields.put("options", card.options().stream().map(this::fields).toList());
        return fields;
    }

    /** What an option is where it is not typed; the seed is every command's own. */
    private String standard(MethodOption option) {
        return option.name().equals("seed") ? Long.toString(common().seed()) : option.standard();
    }

    private Map<String, @Nullable Object> fields(MethodOption option) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("name", option.name());
        String standard = standard(option);
        fields.put("default", standard.isEmpty() ? null : standard);
        fields.put("help", option.help(MethodArguments::dashed));
        fields.put("unit", option.unit().isEmpty() ? null : option.unit());
        fields.put("rule", option.range().map(Range::rule).orElse(null));
        return fields;
    }
}
