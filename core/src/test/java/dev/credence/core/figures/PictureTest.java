package dev.credence.core.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PictureTest {
    @Test
    void partsStandOverCategories() {
        Picture.Series part = Picture.Series.stacked("lost", 1, -2);
        assertThat(part.mark()).isEqualTo(Picture.Mark.STACKED);
        assertThat(part.x()).containsExactly(0.0, 1.0);
        assertThat(Picture.bars("id", "t", "c", Picture.Axis.linear("nats"), List.of("a", "b"), List.of(part))
                        .series())
                .containsExactly(part);
        assertThatThrownBy(() ->
                        Picture.of("id", "t", "c", Picture.Axis.linear("x"), Picture.Axis.linear("y"), List.of(part)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'lost' is stacked; it must stand over categories");
        assertThatThrownBy(() -> Picture.bars("id", "t", "c", Picture.Axis.linear("nats"), List.of("a"), List.of(part)))
                .hasMessageContaining("it must have one for each of [a]");
    }
}
