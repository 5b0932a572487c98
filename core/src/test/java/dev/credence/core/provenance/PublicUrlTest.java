package dev.credence.core.provenance;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicUrlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://anna:hunter2@host/x",
                "http://hunter2@host",
                "http://a:hunter2 @host/x",
                "//:hunter2@host/x?y=1",
                "http://host/x?api_key=hunter2",
                "http://host/x?a=1&X-Amz-Signature=hunter2",
                "http://host/?TOKEN=hunter2#frag",
                "http://host/x?a=1;password=hunter2"
            })
    void secretsAreRefusedAndNotRepeated(String address) {
        assertThatThrownBy(() -> PublicUrl.check("reward", address, "set KEY"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("reward is ")
                .hasMessageEndingWith("; set KEY")
                .hasMessageNotContaining("hunter2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://host:80/a@b", "http://host/x?model=small&top=5", "https://host/monkey?x=1"})
    void othersPass(String address) {
        assertThatNoException().isThrownBy(() -> PublicUrl.check("reward", address, "set KEY"));
    }
}
