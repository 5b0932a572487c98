package dev.credence.core.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class InputExceptionTest {
    @Test
    void saysFileLineFieldValueRule() {
        InputException e = new InputException("w.yaml", 3, "prior.a", "-1", "it must be >= 0");
        assertThat(e).hasMessage("w.yaml:3: field 'prior.a' is -1; it must be >= 0");
        assertThat(List.of(e.file(), e.field(), e.value(), e.rule()))
                .containsExactly("w.yaml", "prior.a", "-1", "it must be >= 0");
        assertThat(e.line()).isEqualTo(3);
        assertThat(new InputException("w.yaml", 0, "prior", "missing", "every world has one"))
                .hasMessage("w.yaml: field 'prior' is missing; every world has one");
        assertThat(new InputException("log.jsonl", 7, "", "broken JSON", "one object a line"))
                .hasMessage("log.jsonl:7: broken JSON; one object a line");
        InputException setting = InputException.ofSetting("beta", "-1", "it must be >= 0");
        assertThat(setting).hasMessage("beta is -1; it must be >= 0");
        assertThat(setting.isOfSetting()).isTrue();
        assertThat(e.isOfSetting()).isFalse();
    }

    @Test
    void findsTheNearestName() {
        List<String> known = List.of("prior", "reward", "policy");
        assertThat(NearestName.hint("polcy", known))
                .isEqualTo("did you mean 'policy'? known are: prior, reward, policy");
        assertThat(NearestName.hint("rewrad", known)).startsWith("did you mean 'reward'?");
        assertThat(NearestName.hint("something else", known)).isEqualTo("known are: prior, reward, policy");
        List<String> longer = List.of("fifty-copies", "reinforce", "reinforce-plus", "sft");
        assertThat(NearestName.of("fifty", longer)).isEqualTo("fifty-copies");
        assertThat(NearestName.of("reinf", longer))
                .as("the other goes on from it")
                .isEqualTo("reinforce");
        assertThat(NearestName.of("sft-", List.of("sft-alpha", "sft-beta")))
                .as("two begin so")
                .isNull();
        assertThat(NearestName.of("", longer)).isNull();
    }
}
