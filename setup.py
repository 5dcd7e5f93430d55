"""Put ``cell_templates/``, which lies at the top of the repository, inside the built package."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithTemplates(build_py):
    """The ordinary build, and the templates; an editable install finds them where they are."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            inside = Path(self.build_lib, "mlprov_widgets", "cell_templates")
            self.copy_tree("cell_templates", str(inside))


setup(cmdclass={"build_py": BuildWithTemplates})
