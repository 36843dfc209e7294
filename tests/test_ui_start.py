import subprocess
import sys

LOADED = """
import gc, inspect, sys
from rag import ui_start
ui_start.load()
gradio = sys.modules["gradio"]
before = list(sys.meta_path)
ui_start.load()
assert sys.meta_path == before and gc.isenabled()
assert "write_text" not in inspect.getsource(gradio.component_meta.create_or_modify_pyi)
class Own(gradio.HTML): pass  # made in no file, of which Gradio would read the source
with gradio.Blocks(): gradio.Textbox().submit(lambda text: text, api_name="said")
print("loaded")
"""


def test_gradio_is_imported_without_writing_its_stubs() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("loaded\n", 0), done.stderr
