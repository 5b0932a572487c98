package dev.credence.lab.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.credence.core.provenance.InputException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RewardNameTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "warm=0.5*count:love      | warm     | 0.5*count:love",
                "len=length               | len      | length",
                "length=length            | length   | length",
                "a_b-c.1=min(1,count:x)   | a_b-c.1  | min(1,count:x)",
                "eq=regex:a=b             | eq       | regex:a=b",
                "été=contains:x           | été      | contains:x",
                "sum=contains:a + length  | sum      | contains:a + length",
                "again=field:a=b          | again    | field:a=b",
            })
    void aNameStandsBeforeAnExpression(String typed, String name, String text) {
        RewardName reward = RewardName.of(typed);
        assertThat(reward).isEqualTo(new RewardName(name, text));
        assertThat(reward.isNamed()).isEqualTo(!name.equals(text));
        assertThat(reward.isExpression()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"regex:a=b", "0.5*count:a=b", "min(1,contains:a=b)", "contains:x=length", "field:a=b"})
    void anExpressionIsNotTakenApart(String typed) {
        assertThat(RewardName.of(typed)).isEqualTo(new RewardName(typed, typed));
        assertThat(RewardName.of(typed).isExpression()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"helpful", "a=b", "a=", "=length", "x=y=z", "reward 1", "1=length"})
    void aPlainFieldNameStaysAsItIs(String typed) {
        assertThat(RewardName.of(typed)).isEqualTo(new RewardName(typed, typed));
        assertThat(RewardName.of(typed).isExpression()).isFalse();
    }

    @Test
    void lengthIsTaken() {
        assertThatThrownBy(() -> RewardName.of("length=contains:a"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("'length' is the number of tokens already; choose another name");
    }

    /** Whatever stands in the texts of an expression, a name before it is the name and none is none. */
    @Test
    void namesAreTakenOffWhateverTheExpressionHolds() {
        SplittableRandom random = new SplittableRandom(5);
        List<String> terms = List.of("regex:", "contains:", "count:", "2*count:", "field:", "min(1,count:");
        String letters = "ab=:*+( 1.";
        for (int run = 0; run < 2000; run++) {
            String term = terms.get(random.nextInt(terms.size()));
            StringBuilder expression = new StringBuilder(term);
            for (int i = random.nextInt(8); i >= 0; i--) {
                expression.append(letters.charAt(random.nextInt(letters.length())));
            }
            String text = expression + (term.startsWith("min(") ? ")" : "");
            assertThat(RewardName.of(text).name()).isEqualTo(text);
            assertThat(RewardName.of("n1=" + text)).isEqualTo(new RewardName("n1", text));
        }
    }
}
