"""Requests at a steady rate to a running site on this machine, and how long its answers take.

    python tools/load.py --port 8000 --rate 30 --seconds 60            # the results page
    python tools/load.py --port 8000 --rate 15 --seconds 60 --suggest  # suggestions, a keystroke a request

Open loop: a request is due at its time whether or not earlier ones were answered, and its time counts from then, so that
a stalled server is not measured by the few requests it let through. Loopback only, and bounded in rate and time. Needs
nothing but Python. Exit status 1 when anything but 200 came back.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import random
import statistics
import threading
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlencode

HOST = "127.0.0.1"
CONNECTIONS = 24
PATIENCE_SECONDS = 10
TEXTS = """xử lý nước thải; nước thải dệt nhuộm; màng lọc nano; pin mặt trời; pin lithium; máy sấy nông sản; sấy lạnh trái cây
phân bón hữu cơ; robot hàn; cảm biến độ ẩm đất; tưới nhỏ giọt; nhận dạng khuôn mặt; trí tuệ nhân tạo; học máy chẩn đoán ung thư
vật liệu composite; bê tông nhẹ; năng lượng gió; tua bin gió; xe điện; bộ sạc xe điện; trạm biến áp; lưu trữ năng lượng; tách muối
nước ngọt từ nước biển; khử mùi khí thải; lọc bụi tĩnh điện; lò đốt rác; tái chế nhựa; nhựa phân huỷ sinh học; enzyme; vi sinh vật
nuôi tôm thâm canh; bệnh tôm; thức ăn thuỷ sản; giống lúa chịu mặn; nấm ăn; chiết xuất dược liệu; vắc xin; kháng sinh; thiết bị y tế
siêu âm; ảnh viễn thám; bản đồ số; máy bay không người lái; định vị vệ tinh; mạng cảm biến không dây; mã hoá dữ liệu; chuỗi khối
kho tự động; quản lý chuỗi cung ứng; in 3D kim loại; gia công laze; khuôn ép nhựa; thép không gỉ; mạ kẽm; sơn chống ăn mòn; cao su
gốm sứ; thuỷ tinh; giấy; dệt may; gỗ ép; tre; bao bì thực phẩm; bảo quản lạnh; cà phê; chè; đường mía; rượu; dầu thực vật; sữa
wastewater treatment; membrane filtration; solar cell efficiency; lithium battery; heat pump dryer; organic fertilizer; soil sensor
image recognition; machine learning; cancer diagnosis; composite material; lightweight concrete; wind turbine; electric vehicle
energy storage; desalination; gas sensor; dust removal; plastic recycling; enzyme catalyst; shrimp disease; plant extract; vaccine
ultrasound imaging; remote sensing; unmanned aircraft; satellite navigation; wireless network; data encryption; laser machining
corrosion resistant coating; rubber compound; ceramic glaze; textile dyeing; food packaging; cold storage; hydrogen production
optical fiber; semiconductor wafer; memory device; signal processing; speech recognition; fuel cell; carbon dioxide capture
"nước thải" công nghiệp; pin -xe; robot TRL 7+; máy sấy dưới 500 triệu; nước thải Bình Dương; C02F 3/30; từ 1 đến 2 tỷ"""
FILTERS = (
    ("kind", "offer"), ("kind", "patent"), ("kind", "demand"), ("sector", "environment"), ("sector", "health"),
    ("sector", "energy"), ("sector", "agriculture"), ("trl", "7"), ("trl", "8"), ("trl_from", "6"), ("province", "79"),
    ("province", "01"), ("language", "vi"), ("language", "en"), ("ip_status", "granted"), ("transfer_form", "independent"),
    ("price_to", "2000"), ("price_from", "500"),
)  # fmt: skip


def without_accents(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(part for part in parts if not unicodedata.combining(part))


def search_paths(chance: random.Random, texts: list[str]) -> Iterator[str]:
    """Results pages: a text or two joined, half of them without accents, some filtered, sorted, or turned a page."""
    while True:
        text = " ".join(chance.sample(texts, chance.choices((1, 2), (3, 2))[0]))
        pairs = [("q", without_accents(text) if chance.random() < 0.5 else text)]
        pairs += chance.sample(FILTERS, chance.choices((0, 1, 2, 3), (5, 3, 2, 1))[0])
        if chance.random() < 0.15:
            pairs.append(("sort", chance.choice(("newest", "price", "price_desc", "trl"))))
        if chance.random() < 0.1:
            pairs.append(("page", str(chance.randint(2, 5))))
        yield f"/search?{urlencode(pairs)}"


def suggest_paths(chance: random.Random, texts: list[str]) -> Iterator[str]:
    """Beginnings of texts as somebody types them."""
    while True:
        text = chance.choice(texts)
        text = without_accents(text) if chance.random() < 0.5 else text
        yield f"/suggest?{urlencode({'q': text[: chance.randint(2, len(text))]})}"


class Run:
    """Sends what is due, each on a free connection; keeps (milliseconds since due, status) of every answer."""

    def __init__(self, port: int, paths: Iterator[str], rate: float, count: int) -> None:
        self.port, self.paths, self.rate, self.count = port, paths, rate, count
        self.times: list[float] = []
        self.statuses: Counter[str] = Counter()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._start = time.perf_counter() + 0.2

    def go(self) -> None:
        threads = [threading.Thread(target=self._send_some) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send_some(self) -> None:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        while True:
            with self._lock:
                number, path = next(self._numbers), next(self.paths)
            if number >= self.count:
                return connection.close()
            due = self._start + number / self.rate
            time.sleep(max(0.0, due - time.perf_counter()))
            try:
                status = self._ask(connection, path)
            except (OSError, http.client.HTTPException) as problem:
                status = type(problem).__name__
                connection.close()
            with self._lock:
                self.times.append((time.perf_counter() - due) * 1000)
                self.statuses[status] += 1

    @staticmethod
    def _ask(connection: http.client.HTTPConnection, path: str) -> str:
        """The status of a page; a redirect (of a page beyond the end) is followed once, in the same time."""
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status in (301, 302):
            connection.request("GET", answer.headers["Location"])
            answer = connection.getresponse()
            answer.read()
        return str(answer.status)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--rate", type=float, default=30, help="requests a second, at most 200")
    parser.add_argument("--seconds", type=float, default=30, help="at most 300")
    parser.add_argument("--suggest", action="store_true", help="suggestions instead of results pages")
    parser.add_argument("--seed", type=int, default=1, help="another seed asks for other things")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rate, seconds = min(max(args.rate, 0.1), 200.0), min(max(args.seconds, 1.0), 300.0)
    texts = [part.strip() for part in TEXTS.replace("\n", ";").split(";") if part.strip()]
    paths = (suggest_paths if args.suggest else search_paths)(random.Random(args.seed), texts)  # noqa: S311  # no secret
    run = Run(args.port, paths, rate, int(rate * seconds))
    run.go()
    cuts = statistics.quantiles(run.times, n=100, method="inclusive")
    figures = {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "max_ms": max(run.times)}
    shown = {name: round(value, 1) for name, value in figures.items()}
    result = {"requests": len(run.times), "rate": rate, "statuses": dict(run.statuses), **shown}
    print(json.dumps(result) if args.json else "  ".join(f"{name} {value}" for name, value in result.items()))
    return 0 if set(run.statuses) == {"200"} else 1


if __name__ == "__main__":
    raise SystemExit(main())
