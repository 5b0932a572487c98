package dev.credence.app.options;

import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.conditioning.DemonstrationFile;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What the method that a user names aims at.
 *
 * @param method its name, or null where none was named
 * @param words what it aims at, or null
 * @param aim for the audit; null where no method was named, or its aim is no evidence about the reward
 * @param warning why there is no verdict against the aim, or null
 */
public record StatedAim(
        @Nullable String method,
        @Nullable String words,
        @Nullable Aim aim,
        @Nullable String warning) {

    /** Options of the audit itself that some methods have too. */
    private static final Set<String> OF_THE_AUDIT = Set.of("beta", "samples", "seed");

    /**
     * The aim of a method by its name.
     *
     * @param method its name, or null
     * @param spec the command, parsed
     * @param rewardType what the reward is
     * @return what it aims at
     * @throws dev.credence.core.provenance.InputException if there is no such method, or an option belongs to none
     */
    public static StatedAim of(@Nullable String method, CommandSpec spec, RewardType rewardType) {
        MethodOptions given = DemonstrationFile.in(MethodArguments.given(spec, rewardType));
        if (method == null) {
            refuseOptions(given);
            return new StatedAim(null, null, null, null);
        }
        Conditioner conditioner = Methods.byName(method);
        Methods.requireKnown(
                withoutBeta(given), List.of(conditioner)); // the audit's own β may be no option of the method
        Aim aim = conditioner.aimOnModels(given);
        if (aim.ofReward() != null) {
            return new StatedAim(method, aim.evidence(), aim, null);
        }
        String why = aim.noPosterior() == null ? "its evidence is about the text, not the reward" : aim.noPosterior();
        return new StatedAim(method, aim.evidence(), null, "no verdict against what " + method + " aims at: " + why);
    }

    /**
     * Evidence in the place of a method.
     *
     * @param aim the evidence
     * @return it, as what was aimed at
     */
    public static StatedAim at(@Nullable Aim aim) {
        return new StatedAim(null, aim == null ? null : aim.evidence(), aim, null);
    }

    /** A method's options without a method would change nothing, which the user cannot have meant. */
    private static void refuseOptions(MethodOptions given) {
        given.values().keySet().stream()
                .filter(name -> !OF_THE_AUDIT.contains(name))
                .sorted()
                .findFirst()
                .ifPresent(name -> {
                    String value = given.values().getOrDefault(name, "");
                    throw InputException.ofSetting(name, value, "it belongs to a method: name it with --method");
                });
    }

    private static MethodOptions withoutBeta(MethodOptions given) {
        Map<String, String> rest = new LinkedHashMap<>(given.values());
        rest.keySet().removeAll(OF_THE_AUDIT);
        return new MethodOptions(rest, given.rewardType());
    }

    /**
     * What the provenance says of it.
     *
     * @param settings of the provenance, added to
     */
    public void describe(Map<String, String> settings) {
        if (method != null) {
            settings.put("method", method);
        }
    }
}
